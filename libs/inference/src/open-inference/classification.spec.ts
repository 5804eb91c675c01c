import fc from 'fast-check';
import type { TensorValue } from '../tensor';
import { classify, whyNotClassified } from './classification';
import { fixedText } from './fixed-text';
import { largestFirst } from './largest-first';

const classes = (tensor: TensorValue, top: number, batched = false, classNames: string[] | null = null): unknown =>
  classify(tensor, { top, batched, classNames });

const floats = (shape: number[], ...values: number[]): TensorValue => ({
  datatype: 'FP32',
  shape,
  data: new Float32Array(values),
});

describe('the classification extension', () => {
  it('tells the largest elements of the whole tensor of a model that does not batch', () => {
    expect(classes(floats([1, 4], 0.25, 1, -3, 0.5), 2)).toEqual({
      datatype: 'BYTES',
      shape: [2],
      data: ['1.000000:1', '0.500000:3'],
    });
  });

  it('tells those of each row of a model that batches', () => {
    expect(classes(floats([2, 2], 0.25, 0.75, 1, 0), 5, true, ['a', 'b'])).toEqual({
      datatype: 'BYTES',
      shape: [2, 2],
      data: ['0.750000:1:b', '0.250000:0:a', '1.000000:0:a', '0.000000:1:b'],
    });
  });

  it('takes a row of a vector for an entry of one', () => {
    const labels: TensorValue = { datatype: 'INT64', shape: [2], data: new BigInt64Array([2n, 2n ** 62n]) };
    expect(classes(labels, 3, true)).toEqual({
      datatype: 'BYTES',
      shape: [2, 1],
      data: ['2:0', '4611686018427387904:0'],
    });
  });

  it('leaves out names that are not one for each class, or empty', () => {
    expect(classes(floats([2], 1, 2), 1, false, ['a'])).toMatchObject({ data: ['2.000000:1'] });
    expect(classes(floats([2], 1, 2), 2, false, ['a', ''])).toMatchObject({ data: ['2.000000:1', '1.000000:0:a'] });
  });

  it('takes empty tensors and batches', () => {
    expect(classes(floats([0]), 3)).toEqual({ datatype: 'BYTES', shape: [0], data: [] });
    expect(classes(floats([0, 4]), 3, true)).toEqual({ datatype: 'BYTES', shape: [0, 3], data: [] });
  });

  it.each(['BOOL', 'FP16', 'BYTES'] as const)('does not rank %s', (datatype) => {
    expect(whyNotClassified(datatype)).toContain(
      `class result not available for output due to unsupported type '${datatype}'`,
    );
  });

  it('ranks a million elements within the time of a request', () => {
    const data = Float32Array.from({ length: 1_000_000 }, (_, index) => Math.sin(index));
    // Comparing each with all would take hours: the test's own limit ends it.
    expect(classes({ datatype: 'FP32', shape: [1_000_000], data }, 1_000_000)).toMatchObject({ shape: [1_000_000] });
  });
});

describe('the largest first', () => {
  it('is what sorting would give, equal ones by position and NaN last', () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.nat({ max: 45 }), (values, top) => {
        const rank = (position: number): number => values[position] as number;
        const sorted = values
          .map((_, position) => position)
          .sort((a, b) => {
            if (Number.isNaN(rank(a)) || Number.isNaN(rank(b))) {
              return Number(Number.isNaN(rank(a))) - Number(Number.isNaN(rank(b))) || a - b;
            }
            return rank(a) === rank(b) ? a - b : rank(b) > rank(a) ? 1 : -1;
          });
        const kept = Math.min(top, values.length);
        const found = largestFirst(new Float64Array([99, ...values]), 1, values.length, kept);
        expect([...found]).toEqual(sorted.slice(0, kept));
      }),
    );
  });
});

describe("C's %f", () => {
  it.each([
    [1, '1.000000'],
    [-0.5, '-0.500000'],
    [0.1, '0.100000'],
    [1 / 128, '0.007812'],
    [3 / 128, '0.023438'],
    [-5 / 128, '-0.039062'],
    [-1e-9, '-0.000000'],
    [-0, '-0.000000'],
    [2 ** 53, '9007199254740992.000000'],
    [1e21, '1000000000000000000000.000000'],
    [-1e22, '-10000000000000000000000.000000'],
    [NaN, 'nan'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('prints %d as %s', (value, text) => {
    expect(fixedText(value)).toBe(text);
  });
});
