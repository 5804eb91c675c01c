/** What one arm did in a stretch of time. */
export interface ArmOutcomes {
  readonly requests: number;
  /** Those of them that count against it. */
  readonly bad: number;
}

/** Which share of bad requests next may have, from 0 up to but not including 1. */
export interface VerdictLimit {
  readonly maxErrorShare: number;
}

/** `inconclusive`: too few requests to say. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** Fewer requests say nothing, whatever came of them. */
export const LEAST_REQUESTS = 10;

/**
 * How many standard deviations apart. 4 leaves one error in 30,000 looks, and who looks every second at the last minute has sixty
 * looks an hour that do not overlap.
 */
const CERTAINTY = 4;

/**
 * Judges next beside current. It fails when its share of bad requests is above the limit beyond doubt, and above that of current:
 * what goes wrong on both sides is no fault of next. It passes when its share is below the limit beyond doubt.
 *
 * Bounds of a share are Wilson's score interval, which holds for few requests and for shares near 0 and 1 too
 * (E. B. Wilson, 1927, Journal of the American Statistical Association 22).
 */
export function judge(next: ArmOutcomes, current: ArmOutcomes, { maxErrorShare }: VerdictLimit): Verdict {
  if (next.requests < LEAST_REQUESTS) return 'inconclusive';
  const [least, most] = shareBetween(next);
  const ofCurrent = current.requests < LEAST_REQUESTS ? 0 : current.bad / current.requests;
  if (least > maxErrorShare && least > ofCurrent) return 'fail';
  return most <= maxErrorShare ? 'pass' : 'inconclusive';
}

/** Where the true share lies. */
function shareBetween({ requests, bad }: ArmOutcomes): readonly [least: number, most: number] {
  const share = bad / requests;
  const square = CERTAINTY ** 2;
  const middle = share + square / (2 * requests);
  const reach = CERTAINTY * Math.sqrt((share * (1 - share)) / requests + square / (4 * requests ** 2));
  const whole = 1 + square / requests;
  return [(middle - reach) / whole, (middle + reach) / whole];
}
