import type { Clock, Logger, RunnerProgram } from '@understudy/platform';
import type { RunnerRole } from './lane';
import { RestartPolicy } from './restart-policy';
import type { RunnerEnd } from './runner-end';
import { afterEvent, type RunnerEvent, type RunnerState } from './runner-lifecycle';
import type { RunnerReports } from './runner-link';
import type { LoadCommand, LoadStep, RunnerFacts } from './runner-messages';
import { type LoadOutcome, RunnerProcess } from './runner-process';

export interface SupervisionOptions {
  /** For people and logs: `models:/iris/3`. */
  readonly label: string;
  readonly program: RunnerProgram;
  readonly command: Omit<LoadCommand, 'socketPath' | 'known'>;
  /** A fresh path for a runner's socket. */
  readonly newSocketPath: () => string;
  readonly loadTimeoutMs: number;
}

/** Who uses a runner is told what becomes of it. */
export interface RunnerUser {
  /** It has loaded the model and listens at the path. Rejects where it cannot be reached. */
  connect(socketPath: string, facts: RunnerFacts): Promise<void>;
  /** It ended while it was serving, and is started again. */
  ended(end: RunnerEnd): void;
  /** What `status` says has changed. */
  changed(): void;
}

/** What a person wants to know of one runner process. */
export interface RunnerProcessStatus {
  readonly role: RunnerRole;
  readonly state: RunnerState;
  readonly pid: number | null;
  readonly restarts: number;
  /** Why it restarted last, or failed; null while nothing went wrong. */
  readonly lastProblem: string | null;
  /** Memory that only it has; null while nobody knows. */
  readonly memoryBytes: number | null;
}

/** A runner that was given up is tried again after this: it may have been the machine. */
const REST_MS = 60_000;

/**
 * Keeps one runner process running: starts it, ends it when it hangs, starts it again when it ends. Whether it hangs is reported by
 * those who send it runs.
 */
export class SupervisedRunner implements RunnerReports {
  private state: RunnerState = 'starting';
  private process: RunnerProcess | undefined;
  private path: string | null = null;
  private known: RunnerFacts | null = null;
  private restarts = 0;
  private readySinceMs = 0;
  private hasAnswered = false;
  private problem: string | null = null;
  private end: RunnerEnd | null = null;
  private readonly restartPolicy = new RestartPolicy();
  private readonly ending = new AbortController();

  constructor(
    readonly role: RunnerRole,
    private readonly options: SupervisionOptions,
    private readonly user: RunnerUser,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  get isReady(): boolean {
    return this.state === 'ready';
  }

  /** Whether it will not come back by itself soon. */
  get isOver(): boolean {
    return this.state === 'failed' || this.state === 'ended';
  }

  get lastProblem(): string | null {
    return this.problem;
  }

  /** Where it listens; null while it does not. */
  get socketPath(): string | null {
    return this.path;
  }

  /** Why it ended last while it was serving; null where it never did. */
  get lastEnd(): RunnerEnd | null {
    return this.end;
  }

  get status(): RunnerProcessStatus {
    const running = this.process?.hasExited === false ? this.process : undefined;
    return {
      role: this.role,
      state: this.state,
      pid: running?.pid ?? null,
      restarts: this.restarts,
      lastProblem: this.problem,
      memoryBytes: running?.memoryBytes ?? null,
    };
  }

  /** Loads the model for the first time. What an earlier load of the same files proved need not be proven again. */
  async start(known: RunnerFacts | null, onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    this.known = known;
    const outcome = await this.launch(onStep);
    if (!outcome.ok) {
      this.problem = outcome.problem;
      this.on('load-failed');
      this.process?.kill();
    }
    return outcome;
  }

  /** Starts it beside others that serve already: it is tried again until it succeeds. */
  async startBeside(known: RunnerFacts): Promise<void> {
    const outcome = await this.start(known, () => undefined);
    if (!outcome.ok && this.stateNow() !== 'ended')
      this.giveUp('A further runner could not be started; it is tried again later');
  }

  answered(): void {
    this.hasAnswered = true;
    this.on('answered');
  }

  silent(): void {
    this.on('went-silent');
  }

  hung(problem: string): void {
    if (this.state === 'suspect') this.process?.kill({ kind: 'hung', problem });
  }

  lost(): void {
    this.process?.kill();
  }

  /** Ends the process for good. */
  stop(): void {
    this.on('end');
    this.ending.abort();
    this.process?.kill();
  }

  private async launch(onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    const socketPath = this.options.newSocketPath();
    const { execution, memoryLimitBytes } = this.options.command;
    const bounds = { threads: execution.threads, memoryBytes: memoryLimitBytes };
    const runner = new RunnerProcess(this.options.program, bounds, () => this.clock.monotonicMs(), {
      onStep,
      onExit: (end) => {
        if (runner === this.process) this.onExit(end);
      },
      onComplaint: (line) => {
        this.logger.warn('A runner complains', { runner: this.options.label, pid: runner.pid, line });
      },
    });
    this.process = runner;
    const command = { ...this.options.command, socketPath, known: this.known };
    const outcome = await runner.load(command, this.options.loadTimeoutMs);
    if (!outcome.ok) return outcome;
    return this.connect(runner, socketPath, outcome.facts);
  }

  private async connect(runner: RunnerProcess, socketPath: string, facts: RunnerFacts): Promise<LoadOutcome> {
    try {
      await this.user.connect(socketPath, facts);
    } catch {
      runner.kill();
      return failedToWarm('its process ended before it could be asked anything');
    }
    if (this.state === 'ended') {
      runner.kill();
      return failedToWarm('it was ended while it loaded');
    }
    this.known = facts;
    this.path = socketPath;
    this.readySinceMs = this.clock.monotonicMs();
    this.hasAnswered = false;
    this.on('became-ready');
    return { ok: true, facts };
  }

  private onExit(end: RunnerEnd): void {
    const wasServing = this.state === 'ready' || this.state === 'suspect';
    this.path = null;
    if (!wasServing) {
      this.on('exited');
      return;
    }
    this.problem = end.problem;
    this.end = end;
    this.on('exited');
    this.logger.error('A runner ended while it was serving and is started again', {
      runner: this.options.label,
      role: this.role,
      pid: this.process?.pid,
      why: end.kind,
      problem: end.problem,
    });
    this.user.ended(end);
    this.restartPolicy.ended({ upMs: this.clock.monotonicMs() - this.readySinceMs, hasAnswered: this.hasAnswered });
    void this.restart();
  }

  private async restart(firstPauseMs = this.restartPolicy.next()): Promise<void> {
    for (let pauseMs = firstPauseMs; this.state === 'restarting'; pauseMs = this.restartPolicy.next()) {
      if (pauseMs === undefined) {
        this.giveUp('A runner ended too often and is given up; load the version again, or roll back');
        return;
      }
      if (pauseMs > 0) await this.pause(pauseMs);
      if (this.stateNow() !== 'restarting') return;
      this.restarts++;
      const outcome = await this.launch(() => undefined);
      if (outcome.ok) return;
      this.problem = outcome.problem;
      this.process?.kill();
      this.logger.error('A runner could not be started again', {
        runner: this.options.label,
        role: this.role,
        problem: outcome.problem,
      });
    }
  }

  private giveUp(message: string): void {
    this.on('gave-up');
    this.logger.error(message, {
      runner: this.options.label,
      role: this.role,
      lastProblem: this.problem,
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
    const before = this.state;
    this.state = afterEvent(before, event);
    if (this.state !== before) this.user.changed();
  }

  /** The state, past the compiler's belief that nothing changes it across an await. */
  private stateNow(): RunnerState {
    return this.state;
  }
}

const failedToWarm = (problem: string): LoadOutcome => ({ ok: false, step: 'warm', reason: 'crashed', problem });
