import fc from 'fast-check';
import { ROW_BOUNDS, SHOWN_BOUNDS_MS, TIME_BOUNDS_MS } from './bounds';
import { Histogram } from './histogram';

it('counts a value under the smallest bound that it does not pass', () => {
  const histogram = new Histogram(Float64Array.from([1, 2, 5]));
  for (const value of [0, 1, 1.5, 2, 5, 5.1, 1000]) histogram.observe(value);
  expect([...histogram.counts]).toEqual([2, 2, 1, 2]);
  expect([histogram.count, histogram.sum]).toEqual([7, 1014.6]);
});

it('agrees with a linear search, whatever the value', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200_000, noNaN: true }), (value) => {
      const histogram = new Histogram(TIME_BOUNDS_MS);
      histogram.observe(value);
      const first = TIME_BOUNDS_MS.findIndex((bound) => value <= bound);
      expect(histogram.counts.indexOf(1)).toBe(first < 0 ? TIME_BOUNDS_MS.length : first);
    }),
  );
});

it('has bounds that ascend, and shows only bounds that it has', () => {
  for (const bounds of [TIME_BOUNDS_MS, ROW_BOUNDS]) expect([...bounds].sort((a, b) => a - b)).toEqual([...bounds]);
  expect(SHOWN_BOUNDS_MS.filter((bound) => !TIME_BOUNDS_MS.includes(bound))).toEqual([]);
  expect([TIME_BOUNDS_MS[0], TIME_BOUNDS_MS.at(-1)]).toEqual([0.1, 80_000]);
});
