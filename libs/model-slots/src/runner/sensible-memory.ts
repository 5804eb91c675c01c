import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { posix } from 'node:path';

/** Reads a small file of the system; undefined where it is not there. */
export type ReadSystemFile = (path: string) => string | undefined;

const CGROUPS = '/sys/fs/cgroup';

/** Half of what there is: current and next are in memory together. */
export function sensibleMemoryBytes(): number {
  return Math.floor(Math.min(totalmem(), containerMemoryBytes(readSystemFile)) / 2);
}

/**
 * The memory that this process's control groups allow, of either version; Infinity without any. A group is also bound by every
 * group above it, which Node's own process.constrainedMemory() does not look at.
 */
export function containerMemoryBytes(read: ReadSystemFile): number {
  let least = Infinity;
  for (const [, controllers, path] of (read('/proc/self/cgroup') ?? '').matchAll(/^\d+:([^:\n]*):(\/.*)$/gm)) {
    const file = limitFile(controllers ?? '');
    if (file === undefined) continue;
    // Inside a container the path may be the host's, and only the top is there: it is the container's own group then.
    for (const group of selfAndAbove(path ?? '/')) {
      const limit = read(posix.join(CGROUPS, file.mount, group, file.name))?.trim();
      if (limit !== undefined && /^\d+$/.test(limit)) least = Math.min(least, Number(limit));
    }
  }
  return least;
}

/** Version 2 has one unnamed hierarchy and writes `max` for no limit; version 1 has one for memory and writes a huge number. */
function limitFile(controllers: string): { readonly mount: string; readonly name: string } | undefined {
  if (controllers === '') return { mount: '', name: 'memory.max' };
  return controllers.split(',').includes('memory') ? { mount: 'memory', name: 'memory.limit_in_bytes' } : undefined;
}

function* selfAndAbove(path: string): Generator<string> {
  for (let group = path; group !== '/'; group = posix.dirname(group)) yield group;
  yield '/';
}

function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
