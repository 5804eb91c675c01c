import { addTotals, type ArmMinute } from '@understudy/store';

/** Rows kept while the database is away: for one deployment some 40 hours, a few MiB. */
const MAX_ROWS = 5_000;

const keyOf = ({ minute, deployment, slot, version }: ArmMinute): string =>
  JSON.stringify([minute, deployment, slot, version]);

/** What the arms of this replica did in each minute, until it is written. Bounded: the oldest go first, and are counted. */
export class UnwrittenMinutes {
  private readonly rows = new Map<string, ArmMinute>();
  private lostRows = 0;

  constructor(private readonly maxRows = MAX_ROWS) {}

  get size(): number {
    return this.rows.size;
  }

  get lost(): number {
    return this.lostRows;
  }

  /** Adds to what the arm did in that minute so far. */
  add(row: ArmMinute): void {
    const key = keyOf(row);
    const known = this.rows.get(key);
    this.rows.set(key, known === undefined ? row : { ...row, ...addTotals(known, row) });
    for (const oldest of this.rows.keys()) {
      if (this.rows.size <= this.maxRows) return;
      this.rows.delete(oldest);
      this.lostRows++;
    }
  }

  /** The rows of minutes before this one, oldest first, at most so many. */
  before(minute: number, atMost = Number.POSITIVE_INFINITY): readonly ArmMinute[] {
    return [...this.rows.values()].filter((row) => row.minute < minute).slice(0, atMost);
  }

  /** They are in the database; what was added to them meanwhile stays, to be written in their place. */
  written(rows: readonly ArmMinute[]): void {
    for (const row of rows) if (this.rows.get(keyOf(row)) === row) this.rows.delete(keyOf(row));
  }
}
