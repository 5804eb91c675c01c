import type { Statistics } from '../api/types';
import type { ArmRates } from './needs';

/** A rate is of the steps that ended last and the one that is under way: what was ten minutes ago is no news to somebody called now. */
const STEPS_OF_RATE = 2;

/** What a slot did over the time of the statistics, whatever versions it held; null where it is not known. */
export function ratesOf(
  statistics: Statistics | undefined,
  slot: 'current' | 'next',
  now = new Date(),
): ArmRates | null {
  if (statistics === undefined) return null;
  const arms = statistics.arms.filter((arm) => arm.slot === slot);
  if (arms.length === 0) return null;
  const requests = arms.reduce((sum, arm) => sum + arm.requests, 0);
  const errors = arms.reduce((sum, arm) => sum + arm.errors, 0);
  const busiest = arms.reduce((one, other) => (other.requests > one.requests ? other : one));
  return {
    requestsPerSecond: rateOf(arms, statistics, now),
    errorShare: requests === 0 ? 0 : errors / requests,
    requests,
    p99Ms: busiest.latencyMs.p99,
  };
}

function rateOf(arms: Statistics['arms'], { to, stepMinutes }: Statistics, now: Date): number {
  const since = new Date(to).getTime() - STEPS_OF_RATE * stepMinutes * 60_000;
  const until = Math.min(now.getTime(), new Date(to).getTime());
  const points = arms.flatMap(({ series }) => series).filter(({ at }) => new Date(at).getTime() >= since);
  const requests = points.reduce((sum, point) => sum + point.requests, 0);
  return requests / Math.max(1, (until - since) / 1000);
}
