/**
 * Counts time in which this process was awake, in steps: a process that was stopped, or a machine that slept, finds its clock jumped
 * ahead and everybody it waits for seemingly late. What it could not have noticed does not count: no step is longer than
 * `longestStepMs`.
 */
export class AwakeClock {
  private lastMs: number | undefined;

  constructor(private readonly longestStepMs: number) {}

  /** Milliseconds awake since the step before; 0 at the first. `nowMs` is on the monotonic clock. */
  step(nowMs: number): number {
    const passedMs = this.lastMs === undefined ? 0 : nowMs - this.lastMs;
    this.lastMs = nowMs;
    return Math.min(Math.max(passedMs, 0), this.longestStepMs);
  }
}
