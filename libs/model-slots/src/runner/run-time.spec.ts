import fc from 'fast-check';
import { expectedRunMs, longestDeadlineMs, runDeadlineMs, SHORTEST_DEADLINE_MS } from './run-time';

/** One row of four elements takes 1 ms, a hundred take 10. */
const TOGETHER = [
  { rows: 1, elements: 4, ms: 1 },
  { rows: 100, elements: 400, ms: 10 },
];
const ALONE = [{ rows: 2, elements: 8, ms: 3 }];

const longestMs = longestDeadlineMs(30_000);

describe('what a run should take', () => {
  it.each([
    ['one row: what it took', TOGETHER, { rows: 1, elements: 4 }, 1],
    ['half of the most rows: on the line between', TOGETHER, { rows: 50.5, elements: 202 }, 5.5],
    ['the most rows: what they took', TOGETHER, { rows: 100, elements: 400 }, 10],
    ['ten times the most rows: in proportion', TOGETHER, { rows: 1000, elements: 4000 }, 100],
    ['rows three times as wide: squared, as attention grows', TOGETHER, { rows: 1, elements: 12 }, 9],
    ['narrower rows: no less', TOGETHER, { rows: 1, elements: 1 }, 1],
    ['many wide rows: both', TOGETHER, { rows: 200, elements: 1600 }, 80],
    ['rows that may depend on each other: squared too', ALONE, { rows: 4, elements: 16 }, 12],
    ['less than what was measured: no less', ALONE, { rows: 1, elements: 4 }, 3],
    ['an input without elements', ALONE, { rows: 0, elements: 0 }, 3],
    ['a version of which nothing could be measured', [], { rows: 1, elements: 4 }, undefined],
  ])('%s', (_, timings, size, expected) => {
    expect(expectedRunMs(timings, size)).toEqual(expected);
  });

  it('never gets shorter with more rows, nor with wider ones', () => {
    const ms = fc.double({ min: 0.001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.nat(5000), fc.nat(5000), fc.integer({ min: 1, max: 50 }), (one, most, a, b, width) => {
        const timings = [
          { rows: 1, elements: 4, ms: Math.min(one, most) },
          { rows: 64, elements: 256, ms: Math.max(one, most) },
        ];
        const [fewer, more] = [Math.min(a, b) + 1, Math.max(a, b) + 1];
        const narrow = expectedRunMs(timings, { rows: fewer, elements: fewer * 4 }) ?? NaN;
        const long = expectedRunMs(timings, { rows: more, elements: more * 4 }) ?? NaN;
        const wide = expectedRunMs(timings, { rows: fewer, elements: fewer * 4 * width }) ?? NaN;
        expect(long).toBeGreaterThanOrEqual(narrow * 0.999_999);
        expect(wide).toBeGreaterThanOrEqual(narrow);
      }),
    );
  });
});

describe('[case 78] how long a run may take', () => {
  it.each([
    ['a fast model has the shortest', 0.1, SHORTEST_DEADLINE_MS],
    ['a slow one many times what it takes', 1_000, 20_000],
    ['a request of very many rows has much, but not for ever', 1e9, 60_000],
    ['a version that could not be measured has the longest', undefined, 60_000],
  ])('%s', (_, expectedMs, deadlineMs) => {
    expect(runDeadlineMs(expectedMs, { fixedMs: undefined, longestMs })).toBe(deadlineMs);
  });

  it('is what somebody decided, whatever was measured', () => {
    for (const expectedMs of [0.1, 1e9, undefined])
      expect(runDeadlineMs(expectedMs, { fixedMs: 700, longestMs })).toBe(700);
  });

  it('is longer where requests themselves may take longer', () => {
    expect(longestDeadlineMs(600_000)).toBe(1_200_000);
  });
});
