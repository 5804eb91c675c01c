import { type ArmSeriesPoint, addTotals, type ArmTotals } from '@understudy/store';
import type { MinuteRange } from './statistics-range';

/** What one arm did in a range: in all, and in each step in which it did anything. */
export interface ArmHistory {
  readonly totals: ArmTotals;
  /** By the first minute of the step. */
  readonly steps: ReadonlyMap<number, ArmTotals>;
}

/** Adds up minutes of arms, from whichever replica, in any order. */
export class ArmHistories {
  private readonly byArm = new Map<string, { totals: ArmTotals; steps: Map<number, ArmTotals> }>();

  constructor(private readonly range: MinuteRange) {}

  add(point: ArmSeriesPoint): void {
    const { from, step } = this.range;
    const key = JSON.stringify([point.slot, point.version]);
    const at = from + Math.floor((point.minute - from) / step) * step;
    const history = this.byArm.get(key);
    if (history === undefined) {
      this.byArm.set(key, { totals: point, steps: new Map([[at, point]]) });
      return;
    }
    history.totals = addTotals(history.totals, point);
    const known = history.steps.get(at);
    history.steps.set(at, known === undefined ? point : addTotals(known, point));
  }

  /** By slot and version. */
  get all(): readonly ArmHistory[] {
    return [...this.byArm].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, history]) => history);
  }
}
