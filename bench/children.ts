import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { removeScratch } from './scratch';

/**
 * Every process that the bench started and that has not ended. Each leads a group, because some servers have workers that must end
 * with them; a Ctrl-C therefore does not reach them by itself.
 */
const running = new Set<ChildProcess>();

const PATIENCE_MS = 10_000;

/** Takes charge of a child that was spawned `detached`. */
export function takeCharge(child: ChildProcess): void {
  if (child.pid === undefined) return;
  running.add(child);
  child.once('exit', () => {
    // What is left of its group has nobody any more.
    signalGroup(child, 'SIGKILL');
    running.delete(child);
  });
}

/** Ends a child with its group: as asked first, by force when it takes too long. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const ended = once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const killer = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
  }, PATIENCE_MS);
  await ended;
  clearTimeout(killer);
}

/** Nothing that was started outlives the bench, however it ends: done, failed, Ctrl-C (once: in order; twice: at once). */
export function leaveNothingBehind(): void {
  process.on('exit', () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
    removeScratch();
  });
  let asked = 0;
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => {
      const code = 128 + number;
      if (asked++ > 0) process.exit(code);
      console.error(`${signal}: ending what was started`);
      void Promise.all([...running].map(endGroup)).finally(() => process.exit(code));
    });
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The whole group has ended.
  }
}
