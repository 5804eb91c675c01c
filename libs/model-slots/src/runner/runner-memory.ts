import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Tells how many bytes of memory a process takes now; undefined while nobody knows. */
export type MemoryProbe = () => number | undefined;

/** The descriptor on which a runner reports its memory where the system does not tell that of another process. */
export const MEMORY_REPORT_FD = 4;

/** Whether the system tells the memory of another process. */
export const SYSTEM_TELLS_MEMORY = process.platform === 'linux';

export function probeMemory(child: ChildProcess): MemoryProbe {
  const { pid } = child;
  if (SYSTEM_TELLS_MEMORY) return () => (pid === undefined ? undefined : memoryOf(pid));
  return reportedMemory(child.stdio[MEMORY_REPORT_FD] as Readable | null | undefined);
}

/**
 * What only this process has, in memory or swapped out. Pages of files that it maps do not count: the system takes them back when
 * it needs them. Some 30 microseconds, so it may be asked often.
 */
export function memoryOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return (kibibytes(status, 'RssAnon') + kibibytes(status, 'VmSwap')) * 1024;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** The number in the newest line that was reported. */
export function reportedMemory(reports: Readable | null | undefined): MemoryProbe {
  let newest: number | undefined;
  reports?.setEncoding('latin1').on('data', (text: string) => {
    const line = text.trim().split('\n').at(-1);
    if (line !== undefined && /^\d+$/.test(line)) newest = Number(line);
  });
  return () => newest;
}

function kibibytes(status: string, field: string): number {
  const at = status.indexOf(`\n${field}:`);
  return at < 0 ? 0 : Number.parseInt(status.slice(at + field.length + 2), 10);
}

const MIB = 1024 * 1024;

export function memoryProblem(bytes: number, limitBytes: number): string {
  return (
    `it takes ${Math.ceil(bytes / MIB)} MiB of memory, more than the ${Math.floor(limitBytes / MIB)} MiB ` +
    'that a runner may have (UNDERSTUDY_RUNNER_MEMORY_BYTES)'
  );
}
