/** Pauses before the first, second, ... restart in a row; after the last the runner is given up. */
const RESTART_PAUSES_MS = [0, 100, 500, 2_000, 5_000, 10_000];

/** A runner that stayed up this long starts counting from the first pause again. */
const STEADY_AFTER_MS = 30_000;

/** What became of a runner between becoming ready and its end. */
export interface RunnerStint {
  readonly upMs: number;
  /** Whether it answered any run. */
  readonly hasAnswered: boolean;
}

/**
 * How long to wait before a runner is started again. One that answered something is of use, whatever ended it (a request that no
 * runner survives, memory that leaks): it is not given up, and pauses only so long that restarts do not eat the machine.
 */
export class RestartPolicy {
  private inARow = 0;

  ended({ upMs, hasAnswered }: RunnerStint): void {
    if (upMs >= STEADY_AFTER_MS) this.inARow = 0;
    else if (hasAnswered) this.inARow = Math.min(this.inARow, 1);
  }

  /** Milliseconds before the next start; undefined when there have been enough in a row. */
  next(): number | undefined {
    return RESTART_PAUSES_MS[this.inARow++];
  }
}
