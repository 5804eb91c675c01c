import type { Tensor } from '@understudy/inference';
import type { Clock, Logger, RunnerProgram } from '@understudy/platform';
import { Batcher, type InferenceOutcome } from './batcher';
import { RunnerChannel } from './runner-channel';
import { afterEvent, type RunnerEvent, type RunnerState } from './runner-lifecycle';
import type { LoadCommand, LoadStep, RunnerFacts } from './runner-messages';
import { describeExit, type LoadOutcome, type RunnerExit, RunnerProcess } from './runner-process';

export interface RunnerOptions {
  /** For people and logs: `models:/iris/3`. */
  readonly label: string;
  readonly program: RunnerProgram;
  readonly command: Omit<LoadCommand, 'socketPath' | 'known'>;
  /** A fresh path for a runner's socket. */
  readonly newSocketPath: () => string;
  readonly loadTimeoutMs: number;
}

/** Pauses before the first, second, ... restart in a row; after the last the runner gives up. */
const RESTART_PAUSES_MS = [0, 100, 500, 2_000, 5_000, 10_000];

/** A runner that stayed up this long starts counting from the first pause again. */
const STEADY_AFTER_MS = 30_000;

/** How often requests past their deadline are looked for. */
const EXPIRY_PERIOD_MS = 25;
const DRAIN_POLL_MS = 5;

/** What a person wants to know of a runner. */
export interface RunnerStatus {
  readonly state: RunnerState;
  readonly pid: number | null;
  readonly restarts: number;
  /** Why it restarted last, or failed; null while nothing went wrong. */
  readonly lastProblem: string | null;
  readonly waitingRequests: number;
}

/**
 * Keeps one model version running: starts its process, sends it requests in batches, starts it again when it ends. Requests that
 * a crash interrupts run once more; requests that come while it restarts wait for it, up to their deadline.
 */
export class ModelRunner {
  private state: RunnerState = 'starting';
  private process: RunnerProcess | undefined;
  private channel: RunnerChannel | undefined;
  private loaded: RunnerFacts | undefined;
  private restarts = 0;
  private restartsInARow = 0;
  private readySinceMs = 0;
  private lastProblem: string | null = null;
  private readonly expiry: NodeJS.Timeout;
  private readonly batcher = new Batcher(() => this.facts.batching);

  constructor(
    private readonly options: RunnerOptions,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    this.expiry = setInterval(() => {
      this.batcher.expire(this.clock.monotonicMs(), this.tooLate());
    }, EXPIRY_PERIOD_MS).unref();
  }

  /** What the runner found out about the model. Only after a load that succeeded. */
  get facts(): RunnerFacts {
    if (this.loaded === undefined) throw new Error('the runner has not loaded its model yet');
    return this.loaded;
  }

  get isReady(): boolean {
    return this.state === 'ready';
  }

  get status(): RunnerStatus {
    return {
      state: this.state,
      pid: this.process?.hasExited === false ? (this.process.pid ?? null) : null,
      restarts: this.restarts,
      lastProblem: this.lastProblem,
      waitingRequests: this.batcher.waiting,
    };
  }

  /** Loads the model for the first time. */
  async start(onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    const outcome = await this.launch(onStep);
    if (!outcome.ok) {
      this.lastProblem = outcome.problem;
      clearInterval(this.expiry);
      this.on('load-failed');
      this.process?.kill();
    }
    return outcome;
  }

  /** Runs the model for one request; `deadlineMs` is on the monotonic clock. Never rejects. */
  async infer(inputs: readonly Tensor[], rows: number, deadlineMs: number): Promise<InferenceOutcome> {
    if (this.state === 'failed' || this.state === 'ended') return this.notReady();
    return new Promise((settle) => {
      this.batcher.add({ inputs, rows, deadlineMs, settle, crashes: 0, alone: false });
    });
  }

  /** Lets the requests under way finish, for at most `drainMs`, and ends the process. */
  async end(drainMs: number): Promise<void> {
    const until = this.clock.monotonicMs() + drainMs;
    while (this.isReady && !this.batcher.idle && this.clock.monotonicMs() < until)
      await this.clock.sleep(DRAIN_POLL_MS);
    this.on('end');
    clearInterval(this.expiry);
    this.batcher.abandon(this.notReady());
    this.channel?.close();
    this.process?.kill();
  }

  private async launch(onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    const socketPath = this.options.newSocketPath();
    const runner = new RunnerProcess(this.options.program, {
      onStep,
      onExit: (exit) => {
        if (runner === this.process) this.onExit(exit);
      },
      onComplaint: (line) => {
        this.logger.warn('A runner complains', { runner: this.options.label, pid: runner.pid, line });
      },
    });
    this.process = runner;
    const command = { ...this.options.command, socketPath, known: this.loaded ?? null };
    const outcome = await runner.load(command, this.options.loadTimeoutMs);
    if (!outcome.ok) return outcome;
    return this.connect(runner, socketPath, outcome.facts);
  }

  private async connect(runner: RunnerProcess, socketPath: string, facts: RunnerFacts): Promise<LoadOutcome> {
    try {
      this.channel = await RunnerChannel.open(socketPath, () => {
        // A runner that closed its socket is of no use, whatever else it may be doing.
        if (runner === this.process) runner.kill();
      });
    } catch {
      runner.kill();
      return {
        ok: false,
        step: 'warm',
        reason: 'crashed',
        problem: 'its process ended before it could be asked anything',
      };
    }
    if (this.state === 'ended') {
      runner.kill();
      return { ok: false, step: 'warm', reason: 'crashed', problem: 'it was ended while it loaded' };
    }
    this.loaded = facts;
    this.readySinceMs = this.clock.monotonicMs();
    this.on('became-ready');
    this.batcher.start((tensors, done) => this.channel?.run(tensors, done));
    return { ok: true, facts };
  }

  private onExit(exit: RunnerExit): void {
    const wasServing = this.state === 'ready' || this.state === 'suspect';
    this.on('exited');
    if (!wasServing) return;
    this.lastProblem = `its process ended (${describeExit(exit)})`;
    this.logger.error('A runner ended while it was serving and is started again', {
      runner: this.options.label,
      pid: this.process?.pid,
      exit: describeExit(exit),
    });
    this.channel?.close();
    this.channel = undefined;
    this.batcher.stop();
    if (this.clock.monotonicMs() - this.readySinceMs > STEADY_AFTER_MS) this.restartsInARow = 0;
    void this.restart();
  }

  private async restart(): Promise<void> {
    while (this.state === 'restarting') {
      const pause = RESTART_PAUSES_MS[this.restartsInARow++];
      if (pause === undefined) {
        this.giveUp();
        return;
      }
      if (pause > 0) await this.clock.sleep(pause);
      if (this.stateNow() !== 'restarting') return;
      this.restarts++;
      const outcome = await this.launch(() => undefined);
      if (outcome.ok) return;
      this.lastProblem = outcome.problem;
      this.process?.kill();
      this.logger.error('A runner could not be started again', {
        runner: this.options.label,
        problem: outcome.problem,
      });
    }
  }

  private giveUp(): void {
    this.on('gave-up');
    this.batcher.abandon(this.notReady());
    this.logger.error('A runner ended too often and is given up; load the version again', {
      runner: this.options.label,
      lastProblem: this.lastProblem,
    });
  }

  private on(event: RunnerEvent): void {
    this.state = afterEvent(this.state, event);
  }

  /** The state, past the compiler's belief that nothing changes it across an await. */
  private stateNow(): RunnerState {
    return this.state;
  }

  private notReady(): InferenceOutcome {
    const why = this.lastProblem === null ? '' : `: ${this.lastProblem}`;
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
