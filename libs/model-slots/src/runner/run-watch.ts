import { AwakeClock } from './awake-clock';
import { RunPace } from './run-pace';
import { expectedRunMs, longestDeadlineMs, runDeadlineMs, type RunSize } from './run-time';
import type { RunTiming } from './runner-messages';

/** A run as whoever watches it sees it. */
export interface WatchedRun extends RunSize {
  /** Whether the runner is at it. Where several processes send it runs, one of another's may be in front. */
  begun: boolean;
  /** How long it was first of this process's runs and others were in front, in time in which this process was awake to see. */
  behindMs: number;
  /** How long the runner has been at it while this process was awake to see. */
  watchedMs: number;
}

export interface RunWatchOptions {
  /** What a run may take; undefined where that follows from what was measured. */
  readonly runTimeoutMs: number | undefined;
  /** The most that a request may take. */
  readonly requestTimeoutMs: number;
}

/** The runner is looked at about this often; how much of a longer gap counts. */
export const LOOK_PERIOD_MS = 25;
const LONGEST_STEP_MS = 4 * LOOK_PERIOD_MS;

const UNKNOWN: RunTiming = { rows: 1, elements: 1, ms: 0 };

/** How long the runs of one runner take, and which of them takes too long. */
export class RunWatch {
  private readonly awake = new AwakeClock(LONGEST_STEP_MS);
  private timings: readonly RunTiming[] = [];
  private pace = new RunPace(UNKNOWN);

  constructor(private readonly options: RunWatchOptions) {}

  /** Milliseconds that a row takes just now under load. */
  get msPerRow(): number {
    return this.pace.msPerRow;
  }

  /** A process of the runner is ready, in which runs took this long. */
  begin(timings: readonly RunTiming[]): void {
    this.timings = timings;
    this.pace = new RunPace(timings.at(-1) ?? UNKNOWN);
  }

  /** A run has been answered after `ms`; `waiting` says whether others waited behind it. */
  finished(run: WatchedRun, ms: number, waiting: boolean): void {
    // What passed while this process was stopped says nothing about the model.
    if (waiting) this.pace.observe(run.rows, Math.min(ms, run.behindMs + run.watchedMs + LONGEST_STEP_MS));
  }

  /** Looks at the first run that the runner was given. Says why it counts as hanging; undefined while it may go on. */
  look(nowMs: number, run: WatchedRun | undefined): string | undefined {
    const awakeMs = this.awake.step(nowMs);
    if (run === undefined) return undefined;
    if (!run.begun) {
      run.behindMs += awakeMs;
      return undefined;
    }
    run.watchedMs += awakeMs;
    const deadlineMs = this.deadlineOf(run);
    if (run.watchedMs < deadlineMs) return undefined;
    const rows = run.rows === 1 ? 'one row' : `${run.rows} rows`;
    return `a run of ${rows} did not end within ${Math.round(deadlineMs)} ms (UNDERSTUDY_RUN_TIMEOUT_MS)`;
  }

  private deadlineOf(run: RunSize): number {
    const measuredMs = expectedRunMs(this.timings, run);
    const expectedMs = measuredMs === undefined ? undefined : Math.max(measuredMs, this.msPerRow * run.rows);
    const { runTimeoutMs: fixedMs, requestTimeoutMs } = this.options;
    return runDeadlineMs(expectedMs, { fixedMs, longestMs: longestDeadlineMs(requestTimeoutMs) });
  }
}
