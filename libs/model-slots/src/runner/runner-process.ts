import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunnerProgram } from '@understudy/platform';
import { AwakeClock } from './awake-clock';
import type { RunnerEnd } from './runner-end';
import { type MemoryProbe, memoryProblem, probeMemory } from './runner-memory';
import type { FromRunner, LoadCommand, LoadStep, RunnerFacts } from './runner-messages';
import { type RunnerBounds, startRunner } from './start-runner';

export type LoadOutcome =
  | { readonly ok: true; readonly facts: RunnerFacts }
  | {
      readonly ok: false;
      readonly step: LoadStep;
      readonly reason: 'refused' | 'crashed' | 'timeout';
      readonly problem: string;
    };

export interface RunnerListener {
  onStep(step: LoadStep): void;
  onExit(end: RunnerEnd): void;
  /** One line that the runner wrote to its standard error, where native libraries complain. */
  onComplaint(line: string): void;
}

interface LoadUnderWay {
  readonly timeoutMs: number;
  readonly settle: (outcome: LoadOutcome) => void;
  /** How long it has taken while this process was awake to see. */
  watchedMs: number;
}

const MAX_COMPLAINT_LENGTH = 2000;

/** How often memory and the time of a load are looked at: a process fills some 100 to 400 MiB in this time. */
const WATCH_PERIOD_MS = 100;
const LONGEST_STEP_MS = 3 * WATCH_PERIOD_MS;

/** One runner process, from its start to its end, within its bounds. Never started again: a restart is a new one. */
export class RunnerProcess {
  private readonly child: ChildProcess;
  private readonly memory: MemoryProbe;
  private readonly watch: NodeJS.Timeout;
  private readonly awake = new AwakeClock(LONGEST_STEP_MS);
  private step: LoadStep = 'check';
  private loading: LoadUnderWay | undefined;
  /** Why it is being ended; undefined while nobody wants that. */
  private cause: RunnerEnd | undefined;
  private end: RunnerEnd | undefined;

  constructor(
    program: RunnerProgram,
    private readonly bounds: RunnerBounds,
    private readonly nowMs: () => number,
    private readonly listener: RunnerListener,
  ) {
    this.child = startRunner(program, bounds);
    this.memory = probeMemory(this.child);
    this.watch = setInterval(() => {
      this.look();
    }, WATCH_PERIOD_MS).unref();
    this.child.on('message', (message: FromRunner) => {
      this.onMessage(message);
    });
    this.child.on('exit', (code, signal) => {
      this.onEnd(`its process ended (${describeExit(code, signal)})`);
    });
    // An error of a process that runs is a message that did not reach it; its end tells what matters.
    this.child.on('error', (error) => {
      if (this.child.pid === undefined) this.onEnd(`its process could not be started (${error.message})`);
    });
    if (this.child.stderr !== null) {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        listener.onComplaint(line.slice(0, MAX_COMPLAINT_LENGTH));
      });
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Memory that only it has; undefined while nobody knows. */
  get memoryBytes(): number | undefined {
    return this.memory();
  }

  get hasExited(): boolean {
    return this.end !== undefined;
  }

  /** Loads the model. Past `timeoutMs` the process is killed. */
  async load(command: LoadCommand, timeoutMs: number): Promise<LoadOutcome> {
    return new Promise((settle) => {
      this.loading = { timeoutMs, settle, watchedMs: 0 };
      if (this.end === undefined) this.child.send(command, () => undefined);
      else this.failLoad('crashed', this.end.problem);
    });
  }

  /** Ends the process at once, whatever it is doing; with why, where it is not just no longer needed. */
  kill(cause?: RunnerEnd): void {
    this.cause ??= cause;
    this.child.kill('SIGKILL');
  }

  private look(): void {
    const awakeMs = this.awake.step(this.nowMs());
    const bytes = this.memory();
    if (bytes !== undefined && bytes > this.bounds.memoryBytes) {
      this.kill({ kind: 'too-much-memory', problem: memoryProblem(bytes, this.bounds.memoryBytes) });
    }
    const { loading } = this;
    if (loading === undefined) return;
    loading.watchedMs += awakeMs;
    if (loading.watchedMs < loading.timeoutMs) return;
    this.failLoad(
      'timeout',
      `it did not get through this step within ${loading.timeoutMs} ms (UNDERSTUDY_LOAD_TIMEOUT_MS)`,
    );
    this.kill();
  }

  private onMessage(message: FromRunner): void {
    if (message.type === 'step') {
      this.step = message.step;
      this.listener.onStep(message.step);
    } else if (message.type === 'ready') {
      this.settleLoad({ ok: true, facts: message.facts });
    } else {
      this.step = message.step;
      this.failLoad('refused', message.problem);
    }
  }

  private onEnd(problem: string): void {
    clearInterval(this.watch);
    this.end = this.cause ?? { kind: 'exited', problem };
    this.failLoad('crashed', this.end.problem);
    this.listener.onExit(this.end);
  }

  private failLoad(reason: 'refused' | 'crashed' | 'timeout', problem: string): void {
    this.settleLoad({ ok: false, step: this.step, reason, problem });
  }

  private settleLoad(outcome: LoadOutcome): void {
    this.loading?.settle(outcome);
    this.loading = undefined;
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `exit code ${code ?? 'unknown'}`;
  return signal === 'SIGKILL' ? 'signal SIGKILL: by hand, or by a system that is short of memory' : `signal ${signal}`;
}
