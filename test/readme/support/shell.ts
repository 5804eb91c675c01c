import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ShellOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a shell command prints on standard output. Rejects when it fails. */
export async function shell(command: string, { cwd, environment }: ShellOptions = {}): Promise<string> {
  // curl's progress goes to standard error, where it does not matter.
  const { stdout } = await run('sh', ['-ec', command], { cwd, env: { ...process.env, ...environment } });
  return stdout.trim();
}

/** A shell command that goes on until it is ended: a server in the foreground, with whatever it starts. */
export class ForegroundCommand {
  private output = '';
  private readonly child: ChildProcess;

  constructor(command: string, { cwd, environment }: ShellOptions = {}) {
    this.child = spawn('sh', ['-ec', command], {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to end as Ctrl-C ends it: everybody in it is told.
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** The address that it says it listens at. */
  async url(withinMs: number): Promise<string> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const url = /"url":"([^"]+)"/.exec(this.output)?.[1];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null || performance.now() > deadline)
        throw new Error(`it does not listen: ${this.output.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it as Ctrl-C does; resolves when it has ended. */
  async interrupt(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    process.kill(-pid, 'SIGINT');
    await once(this.child, 'exit');
  }
}
