import { Injectable } from '@nestjs/common';
import { type ArmSeriesPoint, ArmStatisticsStore, addTotals, type ArmTotals } from '@understudy/store';
import { ArmStatisticsRecorder } from './arm-statistics-recorder';
import { MINUTE_MS, type MinuteRange } from './statistics-range';

/** Minutes read at a time: what was read is added up before the next are. */
const READ_MINUTES = 6 * 60;

/** What one arm did in a range: in all, and in each step in which it did anything. */
export interface ArmHistory {
  readonly totals: ArmTotals;
  /** By the first minute of the step. */
  readonly steps: ReadonlyMap<number, ArmTotals>;
}

/** Adds up what all replicas wrote and what this one has not written yet. */
@Injectable()
export class ArmStatisticsReader {
  constructor(
    private readonly store: ArmStatisticsStore,
    private readonly recorder: ArmStatisticsRecorder,
  ) {}

  /** Each arm's history, by slot and version. Throws DomainError `database-unavailable`. */
  async read(deployment: string, { from, to, step }: MinuteRange): Promise<readonly ArmHistory[]> {
    const histories = new Map<string, { totals: ArmTotals; steps: Map<number, ArmTotals> }>();
    const add = (point: ArmSeriesPoint): void => {
      const key = JSON.stringify([point.slot, point.version]);
      const at = from + Math.floor((point.minute - from) / step) * step;
      const history = histories.get(key);
      if (history === undefined) {
        histories.set(key, { totals: point, steps: new Map([[at, point]]) });
        return;
      }
      history.totals = addTotals(history.totals, point);
      const known = history.steps.get(at);
      history.steps.set(at, known === undefined ? point : addTotals(known, point));
    };
    // First, so that what is written while the store is read is not missed; it may be seen twice for that moment.
    const unwritten = this.recorder.unwrittenIn(deployment, from, to);
    for (let begin = from; begin < to; begin += READ_MINUTES) {
      const end = Math.min(begin + READ_MINUTES, to);
      const range = { deployment, from: new Date(begin * MINUTE_MS), to: new Date(end * MINUTE_MS) };
      for (const point of await this.store.series(range)) add(point);
    }
    for (const row of unwritten) add(row);
    return [...histories].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, history]) => history);
  }
}
