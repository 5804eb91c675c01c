import {
  formatAgo,
  formatBytes,
  formatDifference,
  formatDuration,
  formatMetric,
  formatRate,
  formatShare,
  formatSplit,
} from './format';

test.each([
  [0, '0/s'],
  [0.346, '0.35/s'],
  [8.24, '8.2/s'],
  [823, '820/s'],
  [12_345, '12,000/s'],
])('a rate of %d is shown as %s', (rate, shown) => {
  expect(formatRate(rate)).toBe(shown);
});

test.each([
  [0, '0 %'],
  [0.0004, '< 0.1 %'],
  [0.001, '0.1 %'],
  [0.024, '2.4 %'],
  [0.5, '50 %'],
  [0.9995, '> 99.9 %'],
  [1, '100 %'],
])('a share of %d is shown as %s', (share, shown) => {
  expect(formatShare(share)).toBe(shown);
});

test.each([
  [0.9, '90 %'],
  [0.1, '10 %'],
  [0.125, '12.5 %'],
  [1 - 0.9, '10 %'],
])('a split of %d is shown as %s', (share, shown) => {
  expect(formatSplit(share)).toBe(shown);
});

test.each([
  [0.42, '0.4 ms'],
  [9.06, '9.1 ms'],
  [420.4, '420 ms'],
  [1234, '1.2 s'],
  [12_345, '12 s'],
  [125_000, '2 min 5 s'],
  [120_000, '2 min'],
  [3 * 3600_000, '3 h'],
  [5 * 86_400_000, '5 d'],
])('%d ms are shown as %s', (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1234, '1.2 kB'],
  [34_000_000, '34 MB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});

const NOW = new Date('2026-01-02T03:04:05Z');

test.each([
  [2, 'just now'],
  [12, '12 s ago'],
  [200, '3 min ago'],
  [7300, '2 h ago'],
  [5 * 86_400, '5 d ago'],
])('%d seconds ago is shown as %s', (seconds, shown) => {
  expect(formatAgo(new Date(NOW.getTime() - seconds * 1000), NOW)).toBe(shown);
});

test.each([
  [0.9612345, '0.9612'],
  [200, '200'],
  [123_456, '123,456'],
])('a metric of %d is shown as %s', (value, shown) => {
  expect(formatMetric(value)).toBe(shown);
});

test.each([
  [0.007, '+0.007'],
  [-0.2, '-0.2'],
  [0, '0'],
])('a difference of %d is shown as %s', (value, shown) => {
  expect(formatDifference(value)).toBe(shown);
});
