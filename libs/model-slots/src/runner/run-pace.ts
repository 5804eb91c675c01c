/** How much the past counts when another run has finished. */
const MEMORY = 0.9;

/**
 * How long a row takes under load: a moving average over the runs that finished while others waited, for only those tell how fast
 * a queue drains. Before the first of them, what was measured while the version was loaded.
 */
export class RunPace {
  private ms: number;
  private rows: number;

  constructor(measured: { readonly rows: number; readonly ms: number }) {
    this.ms = measured.ms;
    this.rows = Math.max(measured.rows, 1);
  }

  get msPerRow(): number {
    return this.ms / this.rows;
  }

  observe(rows: number, ms: number): void {
    this.ms = this.ms * MEMORY + ms;
    this.rows = this.rows * MEMORY + rows;
  }
}
