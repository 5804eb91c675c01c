import { readdirSync, readFileSync } from 'node:fs';

/** Memory of one process in MB, pages that processes share counted in proportion (PSS). */
export interface ProcessMemory {
  readonly name: string;
  readonly megabytes: number;
}

/** Memory of the server and of its runners; null off Linux, which alone tells it. A runner that ends meanwhile has none. */
export function memoryOf(server: number): readonly ProcessMemory[] | null {
  if (process.platform !== 'linux') return null;
  const runners = childrenOf(server).flatMap((pid) => unlessEnded(() => [proportionalMegabytes(pid)]));
  return [
    { name: 'server', megabytes: proportionalMegabytes(server) },
    ...runners.map((megabytes, index) => ({ name: `runner ${index + 1}`, megabytes })),
  ];
}

export const totalMegabytes = (processes: readonly ProcessMemory[]): number =>
  processes.reduce((sum, { megabytes }) => sum + megabytes, 0);

export const describeMemory = (processes: readonly ProcessMemory[]): string =>
  `${totalMegabytes(processes).toFixed(0)} MB (${processes.map(({ name, megabytes }) => `${name} ${megabytes.toFixed(0)}`).join(', ')})`;

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    unlessEnded(() =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    ),
  );
}

/** What is read of a process or thread; nothing where it has ended since it was listed. */
function unlessEnded(read: () => number[]): number[] {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}

function proportionalMegabytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
