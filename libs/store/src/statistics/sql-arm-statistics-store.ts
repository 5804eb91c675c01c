import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@understudy/platform';
import { EntitySchema, LessThan } from 'typeorm';
import type { Database } from '../database/database';
import { addTotals, type ArmMinute, type ArmTotals, minuteOf, withoutRareLabels } from './arm-statistics';
import { type ArmSeriesPoint, ArmStatisticsStore, type StatisticsRange } from './arm-statistics-store';

const KEPT_MINUTES = 30 * 24 * 60;

/** Minutes read at a time; few enough that the embedded kind holds up no prediction. */
const BATCH_MINUTES = 60;

/** Minutes removed at a time. */
const PRUNED_MINUTES = 6 * 60;

/** Of each arm, minute and replica one row. */
const KEY = ['minute', 'replicaId', 'deployment', 'slot', 'version'];

export const ArmMinuteEntity = new EntitySchema<ArmMinute>({
  name: 'arm_minute',
  tableName: 'understudy_arm_statistics',
  columns: {
    minute: { type: 'integer', primary: true },
    replicaId: { name: 'replica_id', type: 'text', primary: true },
    deployment: { type: 'text', primary: true },
    slot: { type: 'text', primary: true },
    version: { type: 'text', primary: true },
    requests: { type: 'integer' },
    errors: { type: 'integer' },
    latency: { type: 'simple-json' },
    predictions: { type: 'simple-json' },
  },
});

export class SqlArmStatisticsStore extends ArmStatisticsStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async write(minutes: readonly ArmMinute[]): Promise<void> {
    if (minutes.length === 0) return;
    const rows = minutes.map((row) => ({ ...row, predictions: withoutRareLabels(row.predictions) }));
    await this.database.transaction((manager) => manager.upsert(ArmMinuteEntity, rows, KEY));
  }

  override async sum(range: StatisticsRange): Promise<readonly ArmTotals[]> {
    const sums = new Sums<ArmTotals>(({ slot, version }) => [slot, version]);
    for await (const rows of this.batches(range)) for (const row of rows) sums.add(totalsOf(row));
    return sums.inOrder();
  }

  override async series(range: StatisticsRange): Promise<readonly ArmSeriesPoint[]> {
    const points: ArmSeriesPoint[] = [];
    for await (const rows of this.batches(range)) {
      const sums = new Sums<ArmSeriesPoint>(({ minute, slot, version }) => [
        String(minute).padStart(10, '0'),
        slot,
        version,
      ]);
      for (const row of rows) sums.add({ minute: row.minute, ...totalsOf(row) });
      points.push(...sums.inOrder());
    }
    return points;
  }

  /** Removes what is older than 30 days, in pieces: after a long pause it may be much. */
  async prune(): Promise<void> {
    const before = minuteOf(this.clock.now()) - KEPT_MINUTES;
    for (let oldest = await this.oldestMinute(); oldest !== null && oldest < before;) {
      const upTo = Math.min(oldest + PRUNED_MINUTES, before);
      await this.database.transaction((manager) => manager.delete(ArmMinuteEntity, { minute: LessThan(upTo) }));
      await nextTurn();
      oldest = await this.oldestMinute();
    }
  }

  private oldestMinute(): Promise<number | null> {
    return this.database.read((manager) => manager.minimum(ArmMinuteEntity, 'minute'));
  }

  private async *batches({ deployment, from, to }: StatisticsRange): AsyncGenerator<readonly ArmMinute[]> {
    const last = minuteOf(to);
    // Nothing older is kept, so a range from 1970 on is no longer a loop than one of 30 days.
    let minute = Math.max(minuteOf(from), minuteOf(this.clock.now()) - KEPT_MINUTES - 1);
    for (; minute < last; minute += BATCH_MINUTES) {
      const end = Math.min(minute + BATCH_MINUTES, last);
      yield await this.database.read((manager) =>
        manager
          .createQueryBuilder(ArmMinuteEntity, 'arm')
          .where('arm.minute >= :minute AND arm.minute < :end AND arm.deployment = :deployment', {
            minute,
            end,
            deployment,
          })
          .getMany(),
      );
      await nextTurn();
    }
  }
}

/** Adds up totals by a key. */
class Sums<T extends ArmTotals> {
  private readonly sums = new Map<string, T>();

  constructor(private readonly keyOf: (totals: T) => readonly string[]) {}

  add(totals: T): void {
    const key = JSON.stringify(this.keyOf(totals));
    const sum = this.sums.get(key);
    this.sums.set(key, sum === undefined ? totals : { ...totals, ...addTotals(sum, totals) });
  }

  inOrder(): readonly T[] {
    return [...this.sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, totals]) => totals);
  }
}

function totalsOf({ slot, version, requests, errors, latency, predictions }: ArmMinute): ArmTotals {
  return { slot, version, requests, errors, latency, predictions };
}
