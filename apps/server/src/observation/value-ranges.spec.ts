import fc from 'fast-check';
import { rangeLabel, RANGES, rangeOf } from './value-ranges';

it.each([
  [0, '0'],
  [-0, '0'],
  [1e-12, '0'],
  [1, '[1, 1.26)'],
  [1.3, '[1.26, 1.58)'],
  [-1.3, '(-1.58, -1.26]'],
  [0.5, '[0.398, 0.501)'],
  [1000, '[1000, 1260)'],
  [1e300, '[794000000, Infinity)'],
  [-1e300, '(-Infinity, -794000000]'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
])('%d is counted as %s', (value, label) => {
  expect(rangeLabel(rangeOf(value))).toBe(label);
});

it('every number has a range, and greater magnitudes of one sign never a nearer one', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      expect(rangeOf(a)).toBeLessThan(RANGES);
      expect(rangeOf(a)).toBeGreaterThanOrEqual(0);
      const [less, more] = [Math.abs(a), Math.abs(b)].sort((x, y) => x - y) as [number, number];
      if (less >= 1e-9 && Number.isFinite(more)) expect(rangeOf(more)).toBeGreaterThanOrEqual(rangeOf(less));
    }),
  );
});

it('no two ranges have one name', () => {
  const labels = Array.from({ length: RANGES }, (_, range) => rangeLabel(range));
  expect(new Set(labels).size).toBe(RANGES);
});
