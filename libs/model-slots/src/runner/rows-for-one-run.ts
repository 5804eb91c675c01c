import type { Batching } from './runner-messages';

/** What a run costs beside its rows: a frame each way, and the turn of the event loop that sends it. */
const RUN_COST_MS = 0.2;

/**
 * The most rows that the next run may have. Where several runners are free, what waits is shared out between them, if that saves more
 * than another run costs: rows of a fast model go together all the same.
 */
export function rowsForOneRun(
  { maxRows, oneRowMs, maxRowsMs }: Batching & { readonly batched: true },
  waitingRows: number,
  freeRunners: number,
): number {
  if (freeRunners < 2) return maxRows;
  const share = Math.ceil(waitingRows / freeRunners);
  const msPerRow = (maxRowsMs - oneRowMs) / Math.max(maxRows - 1, 1);
  const savedMs = msPerRow * (Math.min(waitingRows, maxRows) - share);
  return savedMs > RUN_COST_MS ? Math.min(share, maxRows) : maxRows;
}
