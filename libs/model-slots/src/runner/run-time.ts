import type { RunTiming } from './runner-messages';

/** How much a run has to do. */
export interface RunSize {
  readonly rows: number;
  /** Elements of all inputs together. */
  readonly elements: number;
}

/** No run is taken for a hang before this, however fast the model is: a busy machine or memory that must be paged in can cost seconds. */
export const SHORTEST_DEADLINE_MS = 5_000;

/** A run may take this many times what it is expected to. */
const PATIENCE = 20;

/**
 * Milliseconds that a run of this size should take, from what was measured while the version was loaded: one row and the most rows
 * where rows share runs, a single run where they do not. Between the two measurements on the line through them, beyond in
 * proportion. Elements beyond those of a measured row count squared, as attention does; so do rows that were never proven to be
 * independent of each other. Undefined where nothing could be measured.
 */
export function expectedRunMs([one, most]: readonly RunTiming[], size: RunSize): number | undefined {
  if (one === undefined) return undefined;
  if (most === undefined) return one.ms * timesMore(size.elements, one.elements) ** 2;
  const wider = timesMore(size.elements / Math.max(size.rows, 1), one.elements / one.rows);
  return msForRows(one, most, size.rows) * wider ** 2;
}

/** How long the runner may be at a run before it counts as hanging. `longestMs` bounds it; with `fixedMs` somebody decided. */
export function runDeadlineMs(
  expectedMs: number | undefined,
  { fixedMs, longestMs }: { readonly fixedMs: number | undefined; readonly longestMs: number },
): number {
  if (fixedMs !== undefined) return fixedMs;
  if (expectedMs === undefined) return longestMs;
  return Math.min(Math.max(expectedMs * PATIENCE, SHORTEST_DEADLINE_MS), longestMs);
}

/** The most that a run may take where nobody decided: past this every request that waits behind it has been given up. */
export function longestDeadlineMs(requestTimeoutMs: number): number {
  return Math.max(60_000, 2 * requestTimeoutMs);
}

function msForRows(one: RunTiming, most: RunTiming, rows: number): number {
  if (rows >= most.rows) return most.ms * (rows / most.rows);
  const perRow = (most.ms - one.ms) / (most.rows - one.rows);
  return Math.max(one.ms, one.ms + perRow * (rows - one.rows));
}

const timesMore = (size: number, measured: number): number => Math.max(1, size / Math.max(measured, 1));
