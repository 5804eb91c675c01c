import fc from 'fast-check';
import { TIME_BOUNDS_MS } from '../observation/bounds';
import { Histogram } from '../observation/histogram';
import { percentilesOf } from './percentiles';

it.each([
  ['nothing counted', {}, { p50: null, p95: null, p99: null }],
  ['one bucket: spread evenly in it', { 5: 100 }, { p50: 4.5, p95: 4.95, p99: 4.99 }],
  ['two buckets', { 2: 50, 100: 50 }, { p50: 2, p95: 98, p99: 99.6 }],
  ['beyond the last bound', { inf: 3 }, { p50: 80_000, p95: 80_000, p99: 80_000 }],
  ['bounds of another release, in any order', { 7: 1, 5.5: 1 }, { p50: 5.5, p95: 6.9, p99: 6.98 }],
])('%s', (_what, latency, expected) => {
  expect(percentilesOf(latency)).toEqual(expected);
});

it('are at most a third off', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 79_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (times) => {
        const histogram = new Histogram(TIME_BOUNDS_MS);
        for (const ms of times) histogram.observe(ms);
        const latency = Object.fromEntries(
          [...TIME_BOUNDS_MS].map((bound, index) => [String(bound), histogram.counts[index]!]),
        );
        const exact = [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;
        const { p95 } = percentilesOf(latency);
        expect(p95! / exact).toBeGreaterThan(1 / 1.35);
        expect(p95! / exact).toBeLessThan(1.35);
      },
    ),
  );
});
