import { minuteRange, type RangeAsked } from './statistics-range';

const NOW = new Date('2026-03-01T12:34:56.789Z');
const minute = (text: string): number => Date.parse(text) / 60_000;

it.each<readonly [string, RangeAsked, { from: string; to: string; step: number }]>([
  ['the last hour by default', {}, { from: '2026-03-01T11:35:00Z', to: '2026-03-01T12:35:00Z', step: 1 }],
  [
    'whole minutes',
    { from: '2026-03-01T12:00:30Z', to: '2026-03-01T12:05:01Z' },
    { from: '2026-03-01T12:00:00Z', to: '2026-03-01T12:06:00Z', step: 1 },
  ],
  [
    '60 steps by default',
    { from: '2026-02-28T12:35:00Z' },
    { from: '2026-02-28T12:35:00Z', to: '2026-03-01T12:35:00Z', step: 24 },
  ],
  [
    'a step as asked for',
    { step: '2h', from: '2026-03-01T00:00:00+02:00' },
    { from: '2026-02-28T22:00:00Z', to: '2026-03-01T12:35:00Z', step: 120 },
  ],
  [
    'nothing older than is kept',
    { from: '1970-01-01T00:00:00Z', step: '1d' },
    { from: '2026-01-30T12:34:00Z', to: '2026-03-01T12:35:00Z', step: 1440 },
  ],
])('%s', (_what, asked, { from, to, step }) => {
  expect(minuteRange(asked, NOW)).toEqual({ from: minute(from), to: minute(to), step });
});

it.each<readonly [RangeAsked, RegExp]>([
  [{ from: 'yesterday' }, /^from: expected a time such as 2026-01-31T12:00:00Z, got "yesterday"$/],
  [{ to: '2026-13-01T00:00:00Z' }, /^to: expected a time/],
  [{ from: '2026-03-01T12:00:00Z', to: '2026-03-01T12:00:00Z' }, /^from: expected a time before to$/],
  [{ step: '0m' }, /^step: expected minutes, hours or days such as 5m/],
  [{ step: '90s' }, /^step: expected minutes, hours or days/],
  [{ step: '1m', from: '2026-02-01T00:00:00Z' }, /^step: expected at least 21m for this range, got 1m$/],
])('%j is refused', (asked, problem) => {
  expect(() => minuteRange(asked, NOW)).toThrow(problem);
});
