import type { Datatype, TensorData } from '@understudy/inference';
import type { OutputRange } from '@understudy/model-slots';
import { OTHER_LABELS } from '@understudy/store';
import { PredictedValues } from './predicted-values';

function range(datatype: Datatype, data: TensorData, perRow = 1, from = 0, rows = data.length / perRow): OutputRange {
  const shape = perRow === 1 ? [data.length] : [data.length / perRow, perRow];
  return { output: { index: 0, datatype, shape, data }, from, rows, perRow };
}

function counted(...ranges: readonly OutputRange[]) {
  const values = new PredictedValues();
  for (const one of ranges) values.count(one);
  return values.take();
}

it.each<readonly [string, OutputRange, Record<string, number>]>([
  ['integers by themselves', range('INT64', BigInt64Array.of(0n, 2n, 2n, -1n, 70n)), { 0: 1, 2: 2, 70: 1, '-1': 1 }],
  ['small integers', range('UINT8', Uint8Array.of(3, 3)), { 3: 2 }],
  ['booleans', range('BOOL', Uint8Array.of(1, 0, 1)), { true: 2, false: 1 }],
  [
    'texts',
    range('BYTES', ['cat', 'dog', 'cat', '__proto__']),
    Object.fromEntries([
      ['cat', 2],
      ['dog', 1],
      ['__proto__', 1],
    ]),
  ],
  [
    'numbers by ranges',
    range('FP32', Float32Array.of(0, 1.1, 1.2, -5.5)),
    { 0: 1, '[1, 1.26)': 2, '(-6.31, -5.01]': 1 },
  ],
  ['half floats by ranges', range('FP16', Uint16Array.of(0x3c00)), { '[1, 1.26)': 1 }],
  ['a column of numbers', range('FP64', Float64Array.of(1, 2), 1), { '[1, 1.26)': 1, '[2, 2.51)': 1 }],
  [
    'probabilities by the likeliest class',
    range('FP32', Float32Array.of(0.1, 0.7, 0.2, 0.9, 0.1, 0), 3),
    { 1: 1, 0: 1 },
  ],
  ['nothing of rows that are no probabilities', range('FP32', Float32Array.of(3, 4, 5, 0.5, 0.4, 0.3), 3), {}],
  ['nothing of several integers a row', range('INT64', BigInt64Array.of(1n, 2n), 2), {}],
  ['only the rows of the request', range('INT64', BigInt64Array.of(1n, 2n, 3n, 4n), 1, 1, 2), { 2: 1, 3: 1 }],
])('counts %s', (_what, output, expected) => {
  expect(counted(output)).toEqual(expected);
});

it('looks at 32 rows of many, evenly spread', () => {
  const rows = BigInt64Array.from({ length: 6400 }, (_, row) => BigInt(Math.floor(row / 200)));
  expect(counted(range('INT64', rows))).toEqual(
    Object.fromEntries(Array.from({ length: 32 }, (_, label) => [String(label), 1])),
  );
});

it('tells 500 labels apart and counts the others as one', () => {
  const texts = Array.from({ length: 40 }, (_, request) =>
    range(
      'BYTES',
      Array.from({ length: 32 }, (_unused, row) => `label ${request * 32 + row}`),
    ),
  );
  const counts = counted(...texts);
  expect(Object.keys(counts)).toHaveLength(501);
  expect(counts[OTHER_LABELS]).toBe(40 * 32 - 500);
});

it('cuts a long label, and begins anew after each take', () => {
  const values = new PredictedValues();
  values.count(range('BYTES', ['x'.repeat(1_000_000)]));
  expect(Object.keys(values.take())[0]).toHaveLength(101);
  expect(values.take()).toEqual({});
});
