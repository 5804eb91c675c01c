import { Injectable } from '@nestjs/common';
import { Clock } from '@understudy/platform';
import { type ArmMinute, type ArmSeriesPoint, ArmStatisticsStore, minuteOf } from '@understudy/store';
import { ArmHistories } from '../statistics/arm-histories';
import { ArmStatisticsRecorder } from '../statistics/arm-statistics-recorder';
import { describeStatistics } from '../statistics/describe-statistics';
import type { StatisticsAnswer } from '../statistics/statistics.dto';
import { MINUTE_MS } from '../statistics/statistics-range';

/** What is told live: as much as the first chart of a deployment shows. */
const LIVE_MINUTES = 15;

/** So long after a minute's end the replicas should have written it. */
const WRITTEN_AFTER_MS = 3_000;

/** A write during each of so many reads is no coincidence; what is counted twice then is put right a minute later. */
const MOST_READS = 3;

/** What one deployment did lately: what was in the store when it was read, and what this replica counted beside that. */
interface Window {
  stored: readonly ArmSeriesPoint[];
  readonly counted: Map<string, ArmMinute>;
  /** The minute in which the store was read last; null before it answered. */
  readIn: number | null;
  toldIn: number;
  hasNews: boolean;
}

/**
 * The last minutes of each deployment that somebody watches, up to this moment. The store is read once a minute, for what the other
 * replicas did; each second only what this one counts is added. Reading costs the same however many watch.
 */
@Injectable()
export class LiveStatistics {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly recorder: ArmStatisticsRecorder,
    private readonly store: ArmStatisticsStore,
    private readonly clock: Clock,
  ) {}

  /** Of these deployments, the statistics of those in which something changed. Throws DomainError `database-unavailable`. */
  async *news(deployments: readonly string[]): AsyncGenerator<StatisticsAnswer> {
    this.forgetAllBut(new Set(deployments));
    const to = minuteOf(this.clock.now()) + 1;
    const from = to - LIVE_MINUTES;
    const unwritten = this.recorder.unwrittenSince(from);
    for (const name of deployments) {
      const window = this.windowOf(name);
      for (const row of unwritten.get(name) ?? []) count(window, row);
      if (this.isOld(window)) await this.read(name, window, from, to);
      if (!window.hasNews && window.toldIn === to) continue;
      window.hasNews = false;
      window.toldIn = to;
      yield describe(name, window, from, to);
    }
  }

  private isOld({ readIn }: Window): boolean {
    return readIn === null || readIn < minuteOf(new Date(this.clock.now().getTime() - WRITTEN_AFTER_MS));
  }

  /** Nothing may be missed or counted twice because this replica moves it from memory to the store meanwhile. */
  private async read(deployment: string, window: Window, from: number, to: number): Promise<void> {
    const range = { deployment, from: new Date(from * MINUTE_MS), to: new Date(to * MINUTE_MS) };
    for (let reads = 1; ; reads++) {
      const { writes } = this.recorder;
      const unwritten = this.recorder.unwrittenIn(deployment, from, to);
      const stored = await this.store.series(range);
      if (writes !== this.recorder.writes && reads < MOST_READS) continue;
      window.stored = stored;
      window.counted.clear();
      for (const row of unwritten) count(window, row);
      window.readIn = minuteOf(this.clock.now());
      window.hasNews = true;
      return;
    }
  }

  private windowOf(deployment: string): Window {
    const known = this.windows.get(deployment);
    if (known !== undefined) return known;
    const fresh = { stored: [], counted: new Map(), readIn: null, toldIn: 0, hasNews: true };
    this.windows.set(deployment, fresh);
    return fresh;
  }

  private forgetAllBut(wanted: ReadonlySet<string>): void {
    for (const name of this.windows.keys()) if (!wanted.has(name)) this.windows.delete(name);
  }
}

/** A row grows until it is written, and stays here after that until the store is read. */
function count(window: Window, row: ArmMinute): void {
  const key = JSON.stringify([row.minute, row.slot, row.version]);
  if (window.counted.get(key) === row) return;
  window.counted.set(key, row);
  window.hasNews = true;
}

function describe(name: string, { stored, counted }: Window, from: number, to: number): StatisticsAnswer {
  const range = { from, to, step: 1 };
  const histories = new ArmHistories(range);
  for (const point of [...stored, ...counted.values()]) if (point.minute >= from) histories.add(point);
  return describeStatistics(name, range, histories.all);
}
