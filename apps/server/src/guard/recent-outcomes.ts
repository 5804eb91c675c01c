import type { ArmOutcomes } from '@understudy/canary';
import type { Arm } from '../observation/arm';

/** What an arm had done at a moment, since it was first chosen. */
interface Reading extends ArmOutcomes {
  readonly atMs: number;
}

const NOTHING: ArmOutcomes = { requests: 0, bad: 0 };

/** What an arm did lately: the difference of its counters now and at the oldest reading of the window. */
export class RecentOutcomes {
  private readonly readings: Reading[] = [];

  /**
   * @param arm - undefined while it has not answered anything
   * @param slowMs - requests that take longer count as bad; rounded up to the next bound of the histogram
   */
  constructor(
    private readonly windowMs: number,
    private readonly slowMs: number | undefined,
    arm: Arm | undefined,
    nowMs: number,
  ) {
    this.readings.push({ atMs: nowMs, ...(arm === undefined ? NOTHING : this.read(arm)) });
  }

  /** Reads the counters, and tells what came since the oldest reading that is in the window. */
  look(arm: Arm | undefined, nowMs: number): ArmOutcomes {
    if (arm === undefined) return NOTHING;
    const reading = { atMs: nowMs, ...this.read(arm) };
    this.readings.push(reading);
    while ((this.readings[1] as Reading).atMs <= nowMs - this.windowMs) this.readings.shift();
    const [oldest] = this.readings as [Reading];
    return { requests: reading.requests - oldest.requests, bad: reading.bad - oldest.bad };
  }

  /** Who went away is no fault of the version, and what the client sent wrong neither. */
  private read({ outcomes, durationMs: { bounds, counts } }: Arm): ArmOutcomes {
    const requests = outcomes.sum('ok') + outcomes.sum('failed');
    const failed = outcomes.sum('failed');
    if (this.slowMs === undefined) return { requests, bad: failed };
    let slow = 0;
    for (const [index, count] of counts.entries())
      if (index > 0 && (bounds[index - 1] as number) >= this.slowMs) slow += count;
    // What failed may have been slow as well, and times have no outcome: the larger of the two is certain.
    return { requests, bad: Math.min(requests, Math.max(failed, slow)) };
  }
}
