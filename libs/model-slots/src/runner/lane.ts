import type { FrameTensor } from '@understudy/inference';
import type { WatchedRun } from './run-watch';
import type { RunResult } from './runner-channel';
import type { WaitingRequest } from './waiting-request';

/** Sends a batch to the runner; calls `done` with its result. */
export type SendRun = (tensors: readonly FrameTensor[], done: (result: RunResult) => void) => void;

/** A run that a runner was given. */
export interface RunUnderWay extends WatchedRun {
  readonly members: readonly WaitingRequest[];
  /** When it came first, on the monotonic clock. */
  sinceMs: number;
}

/** A run has ended after `ms`; `waiting` says whether others waited behind it. */
export type OnRun = (run: RunUnderWay, ms: number, waiting: boolean) => void;

/** An active runner shares the requests with the others; a standby gets some only while an active one cannot take them. */
export type RunnerRole = 'active' | 'standby';

/** One runner as the queue sees it: whether it takes runs, and those that it was given, in the order in which it answers them. */
export class Lane {
  runs: RunUnderWay[] = [];
  /** Undefined while the runner cannot take any. */
  send: SendRun | undefined;

  constructor(
    readonly role: RunnerRole,
    readonly onRun: OnRun,
    /** Whether other processes send runs to the same runner: only what it says it has begun is then being run. */
    readonly shared = false,
  ) {}

  /** The run that the runner is at, as far as is known. */
  get running(): RunUnderWay | undefined {
    const [first] = this.runs;
    return first?.begun === true ? first : undefined;
  }

  get rows(): number {
    let rows = 0;
    for (const run of this.runs) rows += run.rows;
    return rows;
  }

  give(run: RunUnderWay): void {
    run.begun = !this.shared && this.runs.length === 0;
    this.runs.push(run);
  }

  /** Takes out the run that was answered; the one behind it comes first now. False where it is none of this lane's any more. */
  take(run: RunUnderWay, nowMs: number): boolean {
    if (this.runs[0] !== run) return false;
    this.runs.shift();
    const next = this.runs.at(0);
    if (next !== undefined) {
      next.sinceMs = nowMs;
      next.begun = !this.shared;
    }
    return true;
  }
}
