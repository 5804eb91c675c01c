import { writeFileSync } from 'node:fs';

/** Where a machine runs out of memory, Linux ends first what has the highest score. */
const FIRST_TO_END = '1000';

/** Offers this process, rather than the server, to a system that is out of memory. */
export function offerToOutOfMemory(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', FIRST_TO_END);
  } catch {
    // A system that does not let a process offer itself chooses by size, which finds the runner too.
  }
}
