import type { Batching } from './runner-messages';
import { rowsForOneRun } from './rows-for-one-run';

const batching = (oneRowMs: number, maxRowsMs: number, maxRows = 100): Batching & { readonly batched: true } => ({
  batched: true,
  maxRows,
  oneRowMs,
  maxRowsMs,
  difference: 0,
});
const FAST = batching(0.02, 0.1);
const SLOW = batching(5, 500);

it.each([
  ['all it can, where no other runner is free', SLOW, 60, 1, 100],
  ['all it can of a model whose rows cost next to nothing', FAST, 60, 2, 100],
  ['its share of a slow model’s rows', SLOW, 60, 2, 30],
  ['its share rounded up, so that none is left over', SLOW, 7, 3, 3],
  ['never more than a run may have', SLOW, 1000, 2, 100],
  ['a lone row, whatever is free', SLOW, 1, 4, 100],
  ['its share where only large batches are worth it', batching(1, 2, 1000), 1000, 2, 500],
])('the next run takes %s', (_, model, waiting, free, rows) => {
  expect(rowsForOneRun(model, waiting, free)).toBe(rows);
});
