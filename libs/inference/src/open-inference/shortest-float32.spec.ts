import fc from 'fast-check';
import { shortestFloat32 } from './shortest-float32';

const float32 = () => fc.float({ noDefaultInfinity: true, noNaN: true });

/** Digits of the number without sign, point, exponent and zeros at either end. */
const digitsOf = (value: number): string =>
  String(Math.abs(value))
    .replace(/e.*/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '');

describe('the shortest digits of a float32', () => {
  it.each([
    [0.1, '0.1'],
    [-0.3, '-0.3'],
    [5.1, '5.1'],
    [1 / 3, '0.33333334'],
    [16_777_216, '16777216'],
    [1e10, '10000000000'],
    [1e20, '100000000000000000000'],
    [3.4028235e38, '3.4028235e+38'],
    [1.17549435e-38, '1.1754944e-38'],
    [1e-45, '1e-45'],
    [1e-7, '1e-7'],
    [0, '0'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ])('of %d are %s', (value, text) => {
    expect(String(shortestFloat32(Math.fround(value)))).toBe(text);
  });

  it('read back the same', () => {
    fc.assert(
      fc.property(float32(), (value) => {
        expect(Math.fround(shortestFloat32(value))).toBe(value);
      }),
      { numRuns: 20_000 },
    );
  });

  it('are no more than any other digits that read back the same', () => {
    fc.assert(
      fc.property(float32(), fc.integer({ min: 1, max: 9 }), (value, digits) => {
        const other = Number(value.toPrecision(digits));
        fc.pre(Math.fround(other) === value);
        expect(digitsOf(shortestFloat32(value)).length).toBeLessThanOrEqual(digitsOf(other).length);
      }),
      { numRuns: 20_000 },
    );
  });
});
