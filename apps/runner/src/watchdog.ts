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

/** What the thread needs: next to nothing, for every runner has one. */
const RESOURCES = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 };

/** Starts the second thread. `program` is what the main thread runs; beside it lies what the second one runs. */
export function startWatchdog(program: URL, watch: Watch): void {
  const worker = new Worker(new URL('watchdog-thread.js', program), {
    workerData: watch,
    env: {},
    resourceLimits: RESOURCES,
  });
  worker.unref();
  // Without it this process might outlive the server; better not to begin.
  worker.on('error', (error) => {
    console.error(error);
    endAtOnce();
  });
}

/** Not by exit(): that waits for the other thread, and runs the native library's destructors. */
export function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}
