import type { Statistics } from '../api/types';
import type { ArmRates } from './needs';

/** What a slot did over the time of the statistics, whatever versions it held; null where it is not known. */
export function ratesOf(statistics: Statistics | undefined, slot: 'current' | 'next'): ArmRates | null {
  if (statistics === undefined) return null;
  const arms = statistics.arms.filter((arm) => arm.slot === slot);
  if (arms.length === 0) return null;
  const requests = arms.reduce((sum, arm) => sum + arm.requests, 0);
  const errors = arms.reduce((sum, arm) => sum + arm.errors, 0);
  const seconds = (new Date(statistics.to).getTime() - new Date(statistics.from).getTime()) / 1000;
  const busiest = arms.reduce((one, other) => (other.requests > one.requests ? other : one));
  return {
    requestsPerSecond: requests / Math.max(1, seconds),
    errorShare: requests === 0 ? 0 : errors / requests,
    requests,
    p99Ms: busiest.latencyMs.p99,
  };
}
