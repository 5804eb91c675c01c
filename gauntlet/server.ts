import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from '../test/support/server-process';

const POLL_MS = 10;
const READY_WITHIN_MS = 60_000;

const running = new Set<ServerProcess>();

/** Ends whatever server still runs, at once; runners notice that theirs is gone. */
export function killServers(): void {
  for (const process of running) process.signal('SIGKILL');
}

/** The built server in a process of its own, ready to predict. */
export class Server {
  private constructor(
    readonly process: ServerProcess,
    readonly url: string,
    /** From the start of the process to the first yes of /readyz. */
    readonly readyAfterMs: number,
  ) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<Server> {
    const startedMs = performance.now();
    const process = new ServerProcess({
      environment: { PORT: '0', UNDERSTUDY_LOG_FORMAT: 'json', UNDERSTUDY_LAME_DUCK_MS: '0', ...environment },
    });
    running.add(process);
    try {
      const url = await process.url();
      await until(async () => (await fetch(`${url}/readyz`)).ok, READY_WITHIN_MS, 'the server is not ready');
      return new Server(process, url, performance.now() - startedMs);
    } catch (error) {
      process.signal('SIGKILL');
      running.delete(process);
      throw error;
    }
  }

  /** Kills it so that it can do nothing more, and returns the processes that it had started. */
  async kill(): Promise<readonly number[]> {
    // Held first: it cannot start one between the look and the kill.
    this.process.signal('SIGSTOP');
    const runners = childrenOf(this.process.pid);
    this.process.signal('SIGKILL');
    await this.ended();
    return runners;
  }

  async stop(): Promise<void> {
    this.process.signal('SIGTERM');
    await this.ended();
  }

  async ended(): ReturnType<ServerProcess['exited']> {
    const exit = await this.process.exited();
    running.delete(this.process);
    return exit;
  }
}

/** Waits until it is so; what is not answered is not so. Throws where that takes longer than `withinMs`. */
export async function until(isSo: () => Promise<boolean>, withinMs: number, complaint: string): Promise<void> {
  for (const deadline = performance.now() + withinMs; !(await isSo().catch(() => false));) {
    if (performance.now() > deadline) throw new Error(`${complaint} after ${withinMs} ms`);
    await sleep(POLL_MS);
  }
}

const ofProcess = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];

/** What Linux counts processor time in, to every process. */
const TICKS_A_SECOND = 100;

/** Processor time that a process has taken so far, with all its threads, in seconds; to the hundredth. */
export function processorSeconds(pid: number): number {
  const [user, system] = ofProcess(pid).slice(11, 13).map(Number);
  return ((user ?? NaN) + (system ?? NaN)) / TICKS_A_SECOND;
}

export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(ofProcess(pid)[1]) === parent;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
}

/** A process that has ended stays as a zombie until somebody takes notice; that is no orphan. */
export function isRunning(pid: number): boolean {
  try {
    return ofProcess(pid)[0] !== 'Z';
  } catch {
    return false;
  }
}
