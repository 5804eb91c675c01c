import type { ArmMinute, ArmTotals } from './arm-statistics';

/** Which minutes of which deployment. */
export interface StatisticsRange {
  readonly deployment: string;
  /** Inclusive; the whole minute that it lies in. */
  readonly from: Date;
  /** Exclusive; the minute that it lies in is left out unless it ends there. */
  readonly to: Date;
}

/** One arm in one minute, summed over the replicas. */
export interface ArmSeriesPoint extends ArmTotals {
  readonly minute: number;
}

/** What the arms did, by minute, for 30 days. */
export abstract class ArmStatisticsStore {
  /**
   * Writes what each arm did in a minute so far, in place of what was written for that minute before: repeating it changes
   * nothing. Throws DomainError `database-unavailable`.
   */
  abstract write(minutes: readonly ArmMinute[]): Promise<void>;

  /** The sum over replicas and minutes, one for each slot and version, by slot and version. */
  abstract sum(range: StatisticsRange): Promise<readonly ArmTotals[]>;

  /** The sum over replicas, one for each minute, slot and version, in order of time. */
  abstract series(range: StatisticsRange): Promise<readonly ArmSeriesPoint[]>;
}
