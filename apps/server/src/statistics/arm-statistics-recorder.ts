import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Logger, messageOf, ReplicaId } from '@understudy/platform';
import { type ArmMinute, ArmStatisticsStore, type Counts, minuteOf } from '@understudy/store';
import type { Arm } from '../observation/arm';
import { Arms } from '../observation/arms';
import { UnwrittenMinutes } from './unwritten-minutes';

const MINUTE_MS = 60_000;

/** Rows written at a time, so that the embedded database holds up no prediction. */
const BATCH_ROWS = 50;

/** What of an arm was put into minutes already. */
interface Taken {
  requests: number;
  errors: number;
  readonly latency: Float64Array;
}

/**
 * Writes what each arm did to the store, minute by minute, off the path of predictions: it reads the counters that they write
 * anyway. While the database is away the minutes wait in memory.
 */
@Injectable()
export class ArmStatisticsRecorder implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly unwritten = new UnwrittenMinutes();
  private readonly taken = new WeakMap<Arm, Taken>();
  private readonly stopping = new AbortController();
  private isFailing = false;
  private written = 0;

  constructor(
    private readonly arms: Arms,
    private readonly store: ArmStatisticsStore,
    private readonly replica: ReplicaId,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    arms.onForget((arm) => {
      this.take(arm, this.minute);
    });
  }

  get unwrittenRows(): number {
    return this.unwritten.size;
  }

  /** Given up because the database was away for too long. */
  get lostRows(): number {
    return this.unwritten.lost;
  }

  /** How often rows went from memory to the store: who reads both sees by it whether some were in neither. */
  get writes(): number {
    return this.written;
  }

  onApplicationBootstrap(): void {
    void this.writeEachMinute();
  }

  onModuleDestroy(): void {
    this.stopping.abort(new Error('the server is stopping'));
  }

  /** What this replica did in these minutes (`to` exclusive) and has not written yet, up to this moment. */
  unwrittenIn(deployment: string, from: number, to: number): readonly ArmMinute[] {
    this.takeAll(this.minute);
    return this.unwritten.before(to).filter((row) => row.minute >= from && row.deployment === deployment);
  }

  /** The same of every deployment, by its name. */
  unwrittenSince(from: number): ReadonlyMap<string, readonly ArmMinute[]> {
    this.takeAll(this.minute);
    const byDeployment = new Map<string, ArmMinute[]>();
    for (const row of this.unwritten.before(Number.POSITIVE_INFINITY)) {
      if (row.minute < from) continue;
      const rows = byDeployment.get(row.deployment);
      if (rows === undefined) byDeployment.set(row.deployment, [row]);
      else rows.push(row);
    }
    return byDeployment;
  }

  /** Writes everything up to this moment. Resolves to whether the database took it. */
  async flush(): Promise<boolean> {
    this.takeAll(this.minute);
    return this.writeBefore(Number.POSITIVE_INFINITY);
  }

  private get minute(): number {
    return minuteOf(this.clock.now());
  }

  private async writeEachMinute(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      const { minute } = this;
      const leftMs = (minute + 1) * MINUTE_MS - this.clock.now().getTime();
      try {
        await this.clock.sleep(leftMs, signal);
      } catch {
        return;
      }
      // What was counted belongs to the minute that has just ended.
      this.takeAll(minute);
      await this.writeBefore(minute + 1);
    }
  }

  private async writeBefore(minute: number): Promise<boolean> {
    try {
      for (let rows = this.rowsBefore(minute); rows.length > 0; rows = this.rowsBefore(minute)) {
        await this.store.write(rows);
        this.unwritten.written(rows);
        this.written++;
      }
      this.isFailing = false;
      return true;
    } catch (error) {
      if (!this.isFailing)
        this.logger.warn('Arm statistics cannot be written now; they wait in memory', { problem: messageOf(error) });
      this.isFailing = true;
      return false;
    }
  }

  private rowsBefore(minute: number): readonly ArmMinute[] {
    return this.unwritten.before(minute, BATCH_ROWS);
  }

  private takeAll(minute: number): void {
    for (const arm of this.arms.all) this.take(arm, minute);
  }

  /** Puts what the arm did since the last time into this minute. */
  private take(arm: Arm, minute: number): void {
    const taken = this.takenOf(arm);
    const requests = arm.outcomes.sum();
    const errors = arm.outcomes.sum('failed');
    if (requests === taken.requests) return;
    this.unwritten.add({
      minute,
      replicaId: this.replica.value,
      ...arm.name,
      requests: requests - taken.requests,
      errors: errors - taken.errors,
      latency: countsSince(taken.latency, arm),
      predictions: arm.predicted.take(),
    });
    taken.requests = requests;
    taken.errors = errors;
    taken.latency.set(arm.durationMs.counts);
  }

  private takenOf(arm: Arm): Taken {
    const known = this.taken.get(arm);
    if (known !== undefined) return known;
    const fresh = { requests: 0, errors: 0, latency: new Float64Array(arm.durationMs.counts.length) };
    this.taken.set(arm, fresh);
    return fresh;
  }
}

function countsSince(before: Float64Array, { durationMs: { bounds, counts } }: Arm): Counts {
  const since: Record<string, number> = {};
  for (const [index, count] of counts.entries()) {
    const more = count - (before[index] as number);
    if (more > 0) since[String(bounds[index] ?? 'inf')] = more;
  }
  return since;
}
