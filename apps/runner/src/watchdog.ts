import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/**
 * What a runner's second thread does. The first is deaf while the runtime computes or loads, for ever if the model hangs: only
 * another thread notices then that the server is gone.
 */
export interface Watch {
  /** The server's process id: while it lives it is this process's parent. */
  readonly parent: number;
  /** Descriptor on which the memory of this process is reported; null where the server sees it by itself. */
  readonly reportMemoryTo: number | null;
}

const PERIOD_MS = 250;

/** What the thread needs: next to nothing, for every runner has one. */
const RESOURCES = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 };

/** Starts the second thread. `program` is the file that calls {@link watch} when it is not on the main thread. */
export function startWatchdog(program: URL, watch: Watch): void {
  const worker = new Worker(program, { workerData: watch, env: {}, resourceLimits: RESOURCES });
  worker.unref();
  // Without it this process might outlive the server; better not to begin.
  worker.on('error', (error) => {
    console.error(error);
    endAtOnce();
  });
}

/** Ends this process as soon as the server is gone, whatever the other thread is doing. */
export function watch({ parent, reportMemoryTo }: Watch): void {
  setInterval(() => {
    if (isOrphan(parent)) endAtOnce();
    if (reportMemoryTo !== null) report(reportMemoryTo);
  }, PERIOD_MS);
}

/** Not by exit(): that waits for the other thread, and runs the native library's destructors. */
export function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** A process whose parent ends gets another; on Windows it keeps the number of the old one. */
function isOrphan(parent: number): boolean {
  if (process.ppid !== parent) return true;
  if (process.platform !== 'win32') return false;
  try {
    process.kill(parent, 0);
    return false;
  } catch {
    return true;
  }
}

function report(descriptor: number): void {
  try {
    writeSync(descriptor, `${process.memoryUsage.rss()}\n`);
  } catch {
    // The server does not read just now, or never again; the next look at the parent tells.
  }
}
