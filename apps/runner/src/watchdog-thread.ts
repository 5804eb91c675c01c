import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { endAtOnce, type Watch } from './watchdog';

/** The program of a runner's second thread. It is a file of its own: with that of the first it would load the runtime a second time. */

const PERIOD_MS = 250;

/** Ends this process as soon as the server is gone, whatever the other thread is doing. */
function watch({ parent, reportMemoryTo }: Watch): void {
  setInterval(() => {
    if (isOrphan(parent)) endAtOnce();
    if (reportMemoryTo !== null) report(reportMemoryTo);
  }, PERIOD_MS);
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

watch(workerData as Watch);
