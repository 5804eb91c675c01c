import type { Tensor } from '@understudy/inference';
import type { Clock, Logger, RunnerProgram } from '@understudy/platform';
import { type QueueLimits, whyNotAdmitted } from './admission';
import { Batcher } from './batcher';
import type { InferenceOutcome } from './inference-outcome';
import { RestartPolicy } from './restart-policy';
import { LOOK_PERIOD_MS, RunWatch, type RunWatchOptions } from './run-watch';
import { RunnerChannel } from './runner-channel';
import type { RunnerEnd } from './runner-end';
import { afterEvent, type RunnerEvent, type RunnerState } from './runner-lifecycle';
import type { LoadCommand, LoadStep, RunnerFacts } from './runner-messages';
import { type LoadOutcome, RunnerProcess } from './runner-process';
import { type Client, type WaitingRequest, waitingRequest } from './waiting-request';

export interface RunnerOptions extends RunWatchOptions {
  /** For people and logs: `models:/iris/3`. */
  readonly label: string;
  readonly program: RunnerProgram;
  readonly command: Omit<LoadCommand, 'socketPath' | 'known'>;
  /** A fresh path for a runner's socket. */
  readonly newSocketPath: () => string;
  readonly loadTimeoutMs: number;
  readonly queue: QueueLimits;
  /** Whether rows of different requests may run together where that was proven to change nothing. */
  readonly batches?: boolean;
}

const DRAIN_POLL_MS = 5;

const SWITCHED_OFF = 'the setting batching of the deployment is false';

/** A runner that was given up is tried again after this: it may have been the machine. */
const REST_MS = 60_000;

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
 * Keeps one model version running: starts its process, sends it requests in batches, ends it when it hangs, starts it again when
 * it ends. Requests that its end interrupts run once more; requests that come while it restarts wait for it, up to their deadline.
 */
export class ModelRunner {
  private state: RunnerState = 'starting';
  private process: RunnerProcess | undefined;
  private channel: RunnerChannel | undefined;
  private loaded: RunnerFacts | undefined;
  private restarts = 0;
  private readySinceMs = 0;
  private answeredRuns = 0;
  private lastProblem: string | null = null;
  private readonly restartPolicy = new RestartPolicy();
  private readonly ending = new AbortController();
  private readonly nowMs = (): number => this.clock.monotonicMs();
  private readonly batcher = new Batcher({
    batching: () => this.facts.batching,
    nowMs: this.nowMs,
    tooLate: () => this.tooLate(),
    onRun: (run, ms, waiting) => {
      this.answeredRuns++;
      this.on('answered');
      this.runs.finished(run, ms, waiting);
    },
  });
  private readonly runs: RunWatch;
  private readonly looking: NodeJS.Timeout;

  constructor(
    private readonly options: RunnerOptions,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    this.runs = new RunWatch(options);
    this.looking = setInterval(() => {
      this.look();
    }, LOOK_PERIOD_MS).unref();
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
      clearInterval(this.looking);
      this.on('load-failed');
      this.process?.kill();
    }
    return outcome;
  }

  /**
   * Why a request would be turned away now whatever it holds: to ask before reading it. Undefined where {@link infer} would take
   * it if it is small. `deadlineMs` is on the monotonic clock.
   */
  whyBusy(deadlineMs: number): (InferenceOutcome & { readonly ok: false }) | undefined {
    return this.whyNotTaken({ rows: 0, bytes: 0, deadlineMs });
  }

  /**
   * Runs the model for one request; `deadlineMs` is on the monotonic clock. A request whose `client` is gone is not run. Never
   * rejects.
   */
  async infer(
    inputs: readonly Tensor[],
    rows: number | undefined,
    deadlineMs: number,
    client?: Client,
  ): Promise<InferenceOutcome> {
    return new Promise((settle) => {
      const request = waitingRequest(inputs, rows, deadlineMs, client, settle);
      const refusal = this.whyNotTaken(request);
      if (refusal === undefined) this.batcher.add(request);
      else settle(refusal);
    });
  }

  /** Lets the requests under way finish, for at most `drainMs`, and ends the process. */
  async end(drainMs: number): Promise<void> {
    const until = this.nowMs() + drainMs;
    while (this.isReady && !this.batcher.idle && this.nowMs() < until) await this.clock.sleep(DRAIN_POLL_MS);
    this.on('end');
    this.ending.abort();
    clearInterval(this.looking);
    this.batcher.abandon(this.notReady());
    this.channel?.close();
    this.process?.kill();
  }

  private whyNotTaken({
    rows,
    bytes,
    deadlineMs,
  }: Pick<WaitingRequest, 'rows' | 'bytes' | 'deadlineMs'>): (InferenceOutcome & { readonly ok: false }) | undefined {
    if (this.state === 'failed' || this.state === 'ended') return this.notReady();
    if (this.batcher.waiting === 0) return undefined;
    const { waiting, rowsUnderWay } = this.batcher.backlog;
    const backlog = { waiting, rowsUnderWay, msPerRow: this.isReady ? this.runs.msPerRow : undefined };
    const arrival = { rows, bytes, timeLeftMs: deadlineMs - this.nowMs() };
    const overload = whyNotAdmitted(backlog, arrival, this.options.queue);
    if (overload === undefined) return undefined;
    const problem = `${this.options.label} is overloaded: ${overload.problem}`;
    return { ok: false, code: 'overloaded', problem, retryAfterSeconds: overload.retryAfterSeconds };
  }

  private async launch(onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    const socketPath = this.options.newSocketPath();
    const { threads, memoryLimitBytes } = this.options.command;
    const bounds = { threads, memoryBytes: memoryLimitBytes };
    const runner = new RunnerProcess(this.options.program, bounds, this.nowMs, {
      onStep,
      onExit: (end) => {
        if (runner === this.process) this.onExit(end);
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
    this.loaded =
      this.options.batches === false ? { ...facts, batching: { batched: false, because: SWITCHED_OFF } } : facts;
    this.runs.begin(facts.timings);
    this.readySinceMs = this.nowMs();
    this.answeredRuns = 0;
    this.on('became-ready');
    this.batcher.start((tensors, done) => this.channel?.run(tensors, done));
    return { ok: true, facts };
  }

  /**
   * Ends the process when it has been at one run for too long. It becomes suspect first and is ended one look later: an answer that
   * came while this process was busy or stopped is read in between.
   */
  private look(): void {
    this.batcher.expire();
    const problem = this.runs.look(this.nowMs(), this.batcher.running);
    if (problem === undefined) return;
    if (this.state === 'suspect') this.process?.kill({ kind: 'hung', problem });
    else this.on('went-silent');
  }

  private onExit(end: RunnerEnd): void {
    const wasServing = this.state === 'ready' || this.state === 'suspect';
    this.on('exited');
    if (!wasServing) return;
    this.lastProblem = end.problem;
    this.logger.error('A runner ended while it was serving and is started again', {
      runner: this.options.label,
      pid: this.process?.pid,
      why: end.kind,
      problem: end.problem,
    });
    this.channel?.close();
    this.channel = undefined;
    this.batcher.stop(end);
    this.restartPolicy.ended({ upMs: this.nowMs() - this.readySinceMs, answered: this.answeredRuns });
    void this.restart();
  }

  private async restart(firstPauseMs = this.restartPolicy.next()): Promise<void> {
    for (let pauseMs = firstPauseMs; this.state === 'restarting'; pauseMs = this.restartPolicy.next()) {
      if (pauseMs === undefined) {
        this.giveUp();
        return;
      }
      if (pauseMs > 0) await this.pause(pauseMs);
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
    this.logger.error('A runner ended too often and is given up; load the version again, or roll back', {
      runner: this.options.label,
      lastProblem: this.lastProblem,
      triedAgainAfterMs: REST_MS,
    });
    void this.pause(REST_MS).then(() => {
      this.on('tried-again');
      return this.restart(0);
    });
  }

  /** Waits; not beyond the end of this runner. */
  private async pause(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.ending.signal).catch(() => undefined);
  }

  private on(event: RunnerEvent): void {
    this.state = afterEvent(this.state, event);
  }

  /** The state, past the compiler's belief that nothing changes it across an await. */
  private stateNow(): RunnerState {
    return this.state;
  }

  private notReady(): InferenceOutcome & { readonly ok: false } {
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
