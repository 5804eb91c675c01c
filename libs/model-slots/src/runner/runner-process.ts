import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunnerProgram } from '@understudy/platform';
import type { FromRunner, LoadCommand, LoadStep, RunnerFacts } from './runner-messages';

export interface RunnerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

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
  onExit(exit: RunnerExit): void;
  /** One line that the runner wrote to its standard error, where native libraries complain. */
  onComplaint(line: string): void;
}

const MAX_COMPLAINT_LENGTH = 2000;

/** A young generation of 4 MB keeps a runner small; the memory that counts in it is the model's, outside the heap. */
const NODE_OPTIONS = ['--max-semi-space-size=4', '--no-warnings'];

/** One runner process, from its start to its end. Never started again: a restart is a new one. */
export class RunnerProcess {
  private readonly child: ChildProcess;
  private step: LoadStep = 'check';
  private exit: RunnerExit | undefined;

  constructor(
    program: RunnerProgram,
    private readonly listener: RunnerListener,
  ) {
    this.child = fork(program.path, [], {
      // Usage data of onnxruntime would leave the machine without this; it must be there before the library loads.
      env: { ...program.environment, ORT_DISABLE_TELEMETRY: '1' },
      execArgv: NODE_OPTIONS,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.on('exit', (code, signal) => {
      this.exit = { code, signal };
      listener.onExit(this.exit);
    });
    // Without a listener a failed fork or send would be thrown at nobody; the exit tells what matters.
    this.child.on('error', () => undefined);
    if (this.child.stderr !== null) {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        listener.onComplaint(line.slice(0, MAX_COMPLAINT_LENGTH));
      });
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasExited(): boolean {
    return this.exit !== undefined;
  }

  /** Loads the model. Past `timeoutMs` the process is killed. */
  async load(command: LoadCommand, timeoutMs: number): Promise<LoadOutcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        settle({
          ok: false,
          step: this.step,
          reason: 'timeout',
          problem: `it did not get through this step within ${timeoutMs} ms (UNDERSTUDY_LOAD_TIMEOUT_MS)`,
        });
        this.kill();
      }, timeoutMs);
      const onMessage = (message: FromRunner): void => {
        if (message.type === 'step') this.enter(message.step);
        else if (message.type === 'ready') settle({ ok: true, facts: message.facts });
        else settle({ ok: false, step: message.step, reason: 'refused', problem: message.problem });
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        settle({
          ok: false,
          step: this.step,
          reason: 'crashed',
          problem: `its process ended (${describeExit({ code, signal })})`,
        });
      };
      const settle = (outcome: LoadOutcome): void => {
        clearTimeout(timer);
        this.child.off('message', onMessage);
        this.child.off('exit', onExit);
        resolve(outcome);
      };
      this.child.on('message', onMessage);
      this.child.on('exit', onExit);
      this.child.send(command, (error) => {
        if (error !== null && this.hasExited) onExit(this.exit?.code ?? null, this.exit?.signal ?? null);
      });
    });
  }

  /** Ends the process at once, whatever it is doing. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private enter(step: LoadStep): void {
    this.step = step;
    this.listener.onStep(step);
  }
}

export function describeExit({ code, signal }: RunnerExit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}
