import type { Arm, Statistics } from '../api/types';
import { chartPoints, marksOf, predictionShares } from './arms';
import { armDifferences } from './arm-differences';

const NOW = new Date('2026-11-25T09:03:30.000Z');

function arm(slot: 'current' | 'next', more: Partial<Arm> = {}): Arm {
  return {
    slot,
    version: 'models:/fraud/12',
    requests: 600,
    errors: 6,
    errorRate: 0.01,
    latencyMs: { p50: 2, p95: 5, p99: 9 },
    latency: {},
    predictions: {},
    series: [],
    ...more,
  };
}

const statistics = (...arms: Arm[]): Statistics => ({
  deployment: 'fraud',
  from: '2026-11-25T09:01:00.000Z',
  to: '2026-11-25T09:04:00.000Z',
  stepMinutes: 1,
  arms,
});

const point = (at: string, requests: number, errors: number, p99: number | null) => ({
  at,
  requests,
  errors,
  errorRate: requests === 0 ? null : errors / requests,
  latencyMs: { p50: p99, p95: p99, p99 },
});

describe('chartPoints', () => {
  it('has a point for each step: rate 0 where nothing came, and no share and no latency', () => {
    const series = [point('2026-11-25T09:02:00.000Z', 60, 3, 9)];
    const points = chartPoints(statistics(arm('current', { series })), 'p99', NOW);
    expect(points.map(({ currentRate }) => currentRate)).toEqual([0, 1, 0]);
    expect(points.map(({ currentErrors }) => currentErrors)).toEqual([null, 0.05, null]);
    expect(points.map(({ currentLatency }) => currentLatency)).toEqual([null, 9, null]);
    expect(points.map(({ nextErrors }) => nextErrors)).toEqual([null, null, null]);
  });

  it('divides the step that is not over by the time that it lasted', () => {
    const series = [point('2026-11-25T09:03:00.000Z', 60, 0, 9)];
    const points = chartPoints(statistics(arm('next', { series })), 'p99', NOW);
    expect(points.at(-1)?.nextRate).toBe(2);
  });

  it('adds versions up that a slot held one after the other, with the latency of the busier', () => {
    const at = '2026-11-25T09:01:00.000Z';
    const points = chartPoints(
      statistics(
        arm('current', { series: [point(at, 30, 1, 9)] }),
        arm('current', { version: 'models:/fraud/13', series: [point(at, 90, 0, 4)] }),
      ),
      'p99',
      NOW,
    );
    expect(points[0]).toMatchObject({ currentRate: 2, currentErrors: 1 / 120, currentLatency: 4 });
  });
});

describe('predictionShares', () => {
  it('are shares of each arm, in the order of the answers', () => {
    const current = arm('current', { predictions: { '0': 30, '10': 10 } });
    const next = arm('next', { predictions: { '2': 5 } });
    expect(predictionShares(current, next)).toEqual([
      { answer: '0', current: 0.75, next: 0 },
      { answer: '2', current: 0, next: 1 },
      { answer: '10', current: 0.25, next: 0 },
    ]);
  });

  it('are unknown for an arm that did nothing', () => {
    expect(predictionShares(arm('current', { predictions: { '0': 1 } }), undefined)).toEqual([
      { answer: '0', current: 1, next: null },
    ]);
  });
});

describe('marksOf', () => {
  it('numbers what was made in the time shown, oldest first', () => {
    const event = (at: string, outcome: 'done' | 'refused' = 'done') =>
      ({ at, outcome }) as Parameters<typeof marksOf>[0][number];
    const marks = marksOf(
      [
        event('2026-11-25T09:03:00.000Z'),
        event('2026-11-25T09:02:30.000Z', 'refused'),
        event('2026-11-25T09:02:00.000Z'),
        event('2026-11-25T08:00:00.000Z'),
      ],
      statistics(),
    );
    expect(marks.map(({ number, event: { at } }) => [number, at])).toEqual([
      [1, '2026-11-25T09:02:00.000Z'],
      [2, '2026-11-25T09:03:00.000Z'],
    ]);
  });
});

describe('armDifferences', () => {
  it('says what next is better or worse at', () => {
    const next = arm('next', { errorRate: 0.03, latencyMs: { p50: 2, p95: 4, p99: 30 } });
    expect(armDifferences(arm('current'), next)).toEqual([
      { measure: 'Errors', current: '1 %', next: '3 %', difference: '+2 %', better: false },
      { measure: 'Latency p50', current: '2 ms', next: '2 ms', difference: '0', better: null },
      { measure: 'Latency p95', current: '5 ms', next: '4 ms', difference: '−1 ms', better: true },
      { measure: 'Latency p99', current: '9 ms', next: '30 ms', difference: '+21 ms', better: false },
    ]);
  });

  it('says nothing where one arm had too few requests', () => {
    for (const { difference } of armDifferences(arm('current'), arm('next', { requests: 99 })))
      expect(difference).toBeNull();
  });

  it('says that nothing is known of an arm that did nothing', () => {
    expect(armDifferences(arm('current'), undefined)[0]).toMatchObject({ next: 'no data yet', difference: null });
  });
});
