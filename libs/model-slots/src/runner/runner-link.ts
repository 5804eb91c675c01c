import type { Batcher } from './batcher';
import type { Lane, RunnerRole } from './lane';
import { RunWatch, type RunWatchOptions } from './run-watch';
import { RunnerChannel } from './runner-channel';
import type { RunnerEnd } from './runner-end';
import type { RunTiming } from './runner-messages';

/** What a serving process tells whoever supervises the runner. */
export interface RunnerReports {
  /** It answered, for the first time since it was connected or since it was reported silent. */
  answered(): void;
  /** It has been at one run for too long. */
  silent(): void;
  /** It was silent when it was looked at again. */
  hung(problem: string): void;
  /** Its connection closed: it is of no use, whatever else it may be doing. */
  lost(): void;
}

export interface RunnerLinkOptions extends RunWatchOptions {
  /** Whether other processes send runs to the same runner. */
  readonly shared: boolean;
}

/** One runner as a serving process has it: a place in the queue, a connection, and an eye on how long its runs take. */
export class RunnerLink {
  private readonly lane: Lane;
  private readonly watch: RunWatch;
  private channel: RunnerChannel | undefined;
  private connected = false;
  /** Why the process ended, once that is known. */
  private end: RunnerEnd | undefined;
  private hasAnswered = false;
  private isSilent = false;

  constructor(
    private readonly batcher: Batcher,
    private readonly options: RunnerLinkOptions,
    role: RunnerRole,
    private readonly reports: RunnerReports,
  ) {
    this.watch = new RunWatch(options);
    this.lane = batcher.addLane(
      role,
      (run, ms, waiting) => {
        this.watch.finished(run, ms, waiting);
        if (!this.hasAnswered || this.isSilent) this.tellAnswered();
      },
      options.shared,
    );
  }

  /** Whether it takes requests now. */
  get isReady(): boolean {
    return this.lane.send !== undefined && !this.isSilent;
  }

  /** Whether it is one of those that requests are shared out to: a standby mostly is not. */
  get isUsed(): boolean {
    return this.batcher.uses(this.lane);
  }

  get isConnected(): boolean {
    return this.connected;
  }

  get isIdle(): boolean {
    return this.lane.runs.length === 0;
  }

  /** Milliseconds that a row takes just now under load. */
  get msPerRow(): number {
    return this.watch.msPerRow;
  }

  /** Connects to a process that has loaded the model, in which runs took `timings`. Rejects where it is gone already. */
  async connect(socketPath: string, timings: readonly RunTiming[]): Promise<void> {
    const channel = await RunnerChannel.open(socketPath, {
      notices: this.options.shared,
      onBegun: () => {
        const [first] = this.lane.runs;
        if (first !== undefined) first.begun = true;
      },
      onClose: () => {
        this.onClose(channel);
      },
    });
    // A process before this one whose end nobody has told yet: its requests go to this one.
    this.channel?.close();
    this.settle();
    this.channel = channel;
    this.connected = true;
    this.end = undefined;
    this.hasAnswered = false;
    this.isSilent = false;
    this.watch.begin(timings);
    this.batcher.open(this.lane, (tensors, done) => {
      channel.run(tensors, done);
    });
  }

  /**
   * The process ended. What it had answered or begun is known once the connection has been read to its end; until then its
   * requests stay with it.
   */
  ended(end: RunnerEnd): void {
    this.end = end;
    if (this.connected) this.batcher.pause(this.lane);
    else this.settle();
  }

  /** Looks at the run under way, as long as nobody knows that the process has ended. */
  look(nowMs: number): void {
    const problem = this.watch.look(nowMs, this.lane.runs[0]);
    if (problem === undefined || !this.connected) return;
    if (this.isSilent) {
      this.reports.hung(problem);
    } else {
      this.isSilent = true;
      this.reports.silent();
    }
  }

  /** Gives it no more requests. */
  retire(): void {
    this.batcher.pause(this.lane);
  }

  /** Takes it away; what it was given and did not answer goes to the others. */
  remove(end: RunnerEnd): void {
    const { channel } = this;
    this.channel = undefined;
    channel?.close();
    this.batcher.close(this.lane, end);
    this.batcher.removeLane(this.lane);
  }

  private tellAnswered(): void {
    this.hasAnswered = true;
    this.isSilent = false;
    this.reports.answered();
  }

  private onClose(channel: RunnerChannel): void {
    if (channel !== this.channel) return;
    this.connected = false;
    this.channel = undefined;
    if (this.end === undefined) {
      this.batcher.pause(this.lane);
      this.reports.lost();
    } else this.settle();
  }

  private settle(): void {
    this.batcher.close(this.lane, this.end ?? { kind: 'exited', problem: 'its connection closed' });
  }
}
