import type { Tensor } from '@understudy/inference';
import { type Overload, type QueueLimits, whyNotAdmitted } from './admission';
import { Batcher } from './batcher';
import type { InferenceOutcome } from './inference-outcome';
import type { RunnerRole } from './lane';
import type { RunObserver } from './run-observer';
import { LOOK_PERIOD_MS } from './run-watch';
import type { RunnerEnd } from './runner-end';
import { RunnerLink, type RunnerLinkOptions, type RunnerReports } from './runner-link';
import type { RunnerFacts } from './runner-messages';
import { type Client, type WaitingRequest, waitingRequest } from './waiting-request';
import type { WaitingRoom } from './waiting-room';

/** What is to be expected of the runners together. */
export interface Outlook {
  /** Whether none of them will come back by itself. */
  readonly isOver: boolean;
  readonly lastProblem: string | null;
}

export interface RunnerLanesOptions extends RunnerLinkOptions {
  /** For people and logs: `models:/iris/3`. */
  readonly label: string;
  readonly queue: QueueLimits;
  /** The room that it shares with the other runners of this process. */
  readonly room: WaitingRoom;
  /** The monotonic clock. */
  readonly nowMs: () => number;
  readonly facts: () => RunnerFacts;
  readonly outlook: () => Outlook;
}

export type Refused = InferenceOutcome & { readonly ok: false };

const REMOVED: RunnerEnd = { kind: 'exited', problem: 'it is no longer needed' };

/**
 * The runners of one version as a serving process has them: one queue, and a lane to each. Whoever supervises the processes, here or in
 * another process, says when one is ready or has ended.
 */
export class RunnerLanes {
  private readonly links = new Set<RunnerLink>();
  private readonly batcher: Batcher;
  private readonly looking: NodeJS.Timeout;

  constructor(private readonly options: RunnerLanesOptions) {
    this.batcher = new Batcher({
      batching: () => options.facts().batching,
      nowMs: options.nowMs,
      tooLate: () => this.tooLate(),
    });
    options.room.enter(this.batcher.backlog.waiting);
    this.looking = setInterval(() => {
      this.look();
    }, LOOK_PERIOD_MS).unref();
  }

  /** Whether a request would be run now. */
  get isReady(): boolean {
    for (const link of this.links) if (link.isReady) return true;
    return false;
  }

  get isIdle(): boolean {
    return this.batcher.idle;
  }

  get waitingRequests(): number {
    return this.batcher.waiting;
  }

  add(role: RunnerRole, reports: RunnerReports): RunnerLink {
    const link = new RunnerLink(this.batcher, this.options, role, reports);
    this.links.add(link);
    return link;
  }

  /** Takes a runner away; what it has not answered goes to the others. */
  remove(link: RunnerLink): void {
    if (this.links.delete(link)) link.remove(REMOVED);
  }

  /**
   * Why a request would be turned away now whatever it holds: to ask before reading it. Undefined where {@link infer} would take
   * it if it is small. `deadlineMs` is on the monotonic clock.
   */
  whyBusy(deadlineMs: number): Refused | undefined {
    return this.whyNotTaken({ rows: 0, bytes: 0, deadlineMs });
  }

  /**
   * Runs the model for one request; `deadlineMs` is on the monotonic clock. A request whose `client` is gone is not run; its
   * `observer` is told how it fared. Never rejects.
   */
  async infer(
    inputs: readonly Tensor[],
    rows: number | undefined,
    deadlineMs: number,
    client?: Client,
    observer?: RunObserver,
  ): Promise<InferenceOutcome> {
    return new Promise((settle) => {
      const request = waitingRequest(inputs, rows, deadlineMs, client, settle, observer, this.options.nowMs());
      const refusal = this.whyNotTaken(request);
      if (refusal === undefined) this.batcher.add(request);
      else settle(refusal);
    });
  }

  /** Tells everybody who waits that nobody will answer. */
  abandon(): void {
    this.batcher.abandon(this.notReady());
  }

  /** Lets go of every runner. */
  end(): void {
    clearInterval(this.looking);
    this.abandon();
    for (const link of [...this.links]) this.remove(link);
    this.options.room.leave(this.batcher.backlog.waiting);
  }

  private look(): void {
    this.batcher.expire();
    const nowMs = this.options.nowMs();
    for (const link of this.links) link.look(nowMs);
  }

  private whyNotTaken({
    rows,
    bytes,
    deadlineMs,
  }: Pick<WaitingRequest, 'rows' | 'bytes' | 'deadlineMs'>): Refused | undefined {
    if (this.options.outlook().isOver) return this.notReady();
    if (this.batcher.waiting === 0) return undefined;
    const { waiting, rowsUnderWay } = this.batcher.backlog;
    const backlog = { waiting, rowsUnderWay, msPerRow: this.msPerRow() };
    const arrival = { rows, bytes, timeLeftMs: deadlineMs - this.options.nowMs() };
    const overload = whyNotAdmitted(backlog, arrival, this.options.queue, this.options.room.shareBytes);
    return overload === undefined ? undefined : this.overloaded(overload);
  }

  /** Milliseconds until a row more has gone through, by all the runners that are ready; undefined while none is. */
  private msPerRow(): number | undefined {
    let rowsPerMs = 0;
    for (const link of this.links) if (link.isUsed) rowsPerMs += 1 / link.msPerRow;
    return rowsPerMs === 0 ? undefined : 1 / rowsPerMs;
  }

  private overloaded({ problem, retryAfterSeconds }: Overload): Refused {
    return {
      ok: false,
      code: 'overloaded',
      problem: `${this.options.label} is overloaded: ${problem}`,
      retryAfterSeconds,
    };
  }

  private notReady(): Refused {
    const { lastProblem } = this.options.outlook();
    const why = lastProblem === null ? '' : `: ${lastProblem}`;
    return {
      ok: false,
      code: 'model-not-ready',
      problem: `${this.options.label} is not running${why}. Load it again, or roll back`,
    };
  }

  private tooLate(): InferenceOutcome {
    return this.isReady
      ? { ok: false, code: 'inference-timeout', problem: `${this.options.label} did not answer in time` }
      : {
          ok: false,
          code: 'model-not-ready',
          problem: `${this.options.label} is being started again; try again in a second`,
        };
  }
}
