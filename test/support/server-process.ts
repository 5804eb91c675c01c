import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from '../../tools/server-flags.mjs';

export interface ServerProcessOptions {
  /** The only environment it gets, beside PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** What to run before node, such as a tracer with its arguments. */
  readonly under?: readonly string[];
  /** In a group of its own, as what a terminal or a service manager starts. */
  readonly ownGroup?: boolean;
}

/** The built server in a process of its own, as users run it. */
export class ServerProcess {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  private readonly child: ChildProcess;
  private readonly runsUnder: boolean;
  /** Ended, and everything it wrote was read. */
  private readonly closed: Promise<unknown>;

  constructor({ environment, under = [], ownGroup = false }: ServerProcessOptions) {
    this.runsUnder = under.length > 0;
    const line = [
      ...under,
      process.execPath,
      ...SERVER_FLAGS,
      join(process.cwd(), 'dist', 'apps', 'server', 'main.js'),
    ];
    this.child = spawn(line[0] as string, line.slice(1), {
      env: { PATH: process.env['PATH'] ?? '', ...SERVER_ENVIRONMENT, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: ownGroup,
    });
    this.closed = once(this.child, 'close');
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(line));
    if (this.child.stderr) createInterface({ input: this.child.stderr }).on('line', (line) => this.errors.push(line));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the server process did not start');
    return this.child.pid;
  }

  /** The address it says it listens at. */
  async url(withinMs = 60_000): Promise<string> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const url = this.lines.map((line) => /"url":"([^"]+)"/.exec(line)?.[1]).find((found) => found !== undefined);
      if (url !== undefined) return url;
      if (this.child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`the server does not listen: ${[...this.lines, ...this.errors].join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Signals the server itself, past what it runs under. */
  signal(signal: NodeJS.Signals): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const server = this.runsUnder ? childOf(this.pid) : this.pid;
    if (server !== undefined) process.kill(server, signal);
  }

  /** Signals the server and whatever it started; it must have been started with `ownGroup`. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Leaves what it writes in the pipe, as a reader does that hangs. */
  stopReading(): void {
    this.child.stdout?.pause();
  }

  readAgain(): void {
    this.child.stdout?.resume();
  }

  async exited(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    await this.closed;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }
}

function childOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number(children.split(' ')[0]);
}
