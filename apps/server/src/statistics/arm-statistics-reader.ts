import { Injectable } from '@nestjs/common';
import { ArmStatisticsStore } from '@understudy/store';
import { ArmHistories, type ArmHistory } from './arm-histories';
import { ArmStatisticsRecorder } from './arm-statistics-recorder';
import { MINUTE_MS, type MinuteRange } from './statistics-range';

/** Minutes read at a time: what was read is added up before the next are. */
const READ_MINUTES = 6 * 60;

/** Adds up what all replicas wrote and what this one has not written yet. */
@Injectable()
export class ArmStatisticsReader {
  constructor(
    private readonly store: ArmStatisticsStore,
    private readonly recorder: ArmStatisticsRecorder,
  ) {}

  /** Each arm's history, by slot and version. Throws DomainError `database-unavailable`. */
  async read(deployment: string, { from, to, step }: MinuteRange): Promise<readonly ArmHistory[]> {
    const histories = new ArmHistories({ from, to, step });
    // First, so that what is written while the store is read is not missed; it may be seen twice for that moment.
    const unwritten = this.recorder.unwrittenIn(deployment, from, to);
    for (let begin = from; begin < to; begin += READ_MINUTES) {
      const end = Math.min(begin + READ_MINUTES, to);
      const range = { deployment, from: new Date(begin * MINUTE_MS), to: new Date(end * MINUTE_MS) };
      for (const point of await this.store.series(range)) histories.add(point);
    }
    for (const row of unwritten) histories.add(row);
    return histories.all;
  }
}
