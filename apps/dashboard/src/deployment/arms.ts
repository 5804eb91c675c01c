import type { Arm, AuditEvent, Deployment, Statistics } from '../api/types';

export type ArmSlot = 'current' | 'next';
export type Percentile = 'p50' | 'p95' | 'p99';

/** One point of the charts. What is unknown is null: a line has a gap there, and never falls to 0. */
export interface ChartPoint {
  readonly at: number;
  readonly currentRate: number;
  readonly nextRate: number;
  readonly currentErrors: number | null;
  readonly nextErrors: number | null;
  readonly currentLatency: number | null;
  readonly nextLatency: number | null;
}

/** What one arm did in one step; a slot that changed its version within a step did both together. */
interface Step {
  readonly requests: number;
  readonly errors: number;
  /** Of the version with the most requests: percentiles of two cannot be added. */
  readonly latency: number | null;
  readonly most: number;
}

const NOTHING: Step = { requests: 0, errors: 0, latency: null, most: 0 };

/** Both arms on one axis, a point for each step of the time asked for. */
export function chartPoints(statistics: Statistics, percentile: Percentile, now: Date): ChartPoint[] {
  const stepMs = statistics.stepMinutes * 60_000;
  const from = Math.floor(new Date(statistics.from).getTime() / stepMs) * stepMs;
  const to = new Date(statistics.to).getTime();
  const current = stepsOf(statistics, 'current', percentile);
  const next = stepsOf(statistics, 'next', percentile);
  const points: ChartPoint[] = [];
  for (let at = from; at < to && at <= now.getTime(); at += stepMs) {
    // The last step is not over: a rate over its whole length would seem to fall.
    const seconds = Math.max(1, Math.min(stepMs, now.getTime() - at) / 1000);
    const one = current.get(at) ?? NOTHING;
    const other = next.get(at) ?? NOTHING;
    points.push({
      at,
      currentRate: one.requests / seconds,
      nextRate: other.requests / seconds,
      currentErrors: shareOf(one),
      nextErrors: shareOf(other),
      currentLatency: one.latency,
      nextLatency: other.latency,
    });
  }
  return points;
}

function stepsOf(statistics: Statistics, slot: ArmSlot, percentile: Percentile): Map<number, Step> {
  const steps = new Map<number, Step>();
  for (const arm of statistics.arms) {
    if (arm.slot !== slot) continue;
    for (const point of arm.series) {
      const at = new Date(point.at).getTime();
      const before = steps.get(at) ?? NOTHING;
      const leads = point.requests > before.most;
      steps.set(at, {
        requests: before.requests + point.requests,
        errors: before.errors + point.errors,
        latency: leads ? point.latencyMs[percentile] : before.latency,
        most: Math.max(before.most, point.requests),
      });
    }
  }
  return steps;
}

const shareOf = ({ requests, errors }: Pick<Step, 'requests' | 'errors'>): number | null =>
  requests === 0 ? null : errors / requests;

/** The figures of the version that a slot holds now; undefined where it did nothing in that time. */
export function armOf(statistics: Statistics, slot: ArmSlot, { actual }: Pick<Deployment, 'actual'>): Arm | undefined {
  return statistics.arms.find((arm) => arm.slot === slot && arm.version === actual[slot]?.uri);
}

export interface PredictionShare {
  readonly answer: string;
  readonly current: number | null;
  readonly next: number | null;
}

/** How often each arm answered what, in shares; the most frequent first, and the rest left out. */
export function predictionShares(current: Arm | undefined, next: Arm | undefined, most = 12): PredictionShare[] {
  const totals = { current: total(current), next: total(next) };
  const answers = [...new Set([...Object.keys(current?.predictions ?? {}), ...Object.keys(next?.predictions ?? {})])];
  const share = (arm: Arm | undefined, all: number, answer: string): number | null =>
    all === 0 ? null : (arm?.predictions[answer] ?? 0) / all;
  return answers
    .map((answer) => ({
      answer,
      current: share(current, totals.current, answer),
      next: share(next, totals.next, answer),
    }))
    .sort((a, b) => (b.current ?? 0) + (b.next ?? 0) - (a.current ?? 0) - (a.next ?? 0))
    .slice(0, most)
    .sort((a, b) => a.answer.localeCompare(b.answer, 'en', { numeric: true }));
}

const total = (arm: Arm | undefined): number =>
  Object.values(arm?.predictions ?? {}).reduce((sum, count) => sum + count, 0);

/** A change that the charts mark with its number. */
export interface Mark {
  readonly number: number;
  readonly at: number;
  readonly event: AuditEvent;
}

/** The changes that were made in the time shown, oldest first; the last few where there were many. */
export function marksOf(events: readonly AuditEvent[], statistics: Statistics, most = 8): Mark[] {
  const from = new Date(statistics.from).getTime();
  const made = events.filter(({ outcome, at }) => outcome === 'done' && new Date(at).getTime() >= from);
  return made
    .slice(0, most)
    .reverse()
    .map((event, index) => ({ number: index + 1, at: new Date(event.at).getTime(), event }));
}
