import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { posix } from 'node:path';

/** Reads a small file of the system; undefined where it is not there. */
export type ReadSystemFile = (path: string) => string | undefined;

export const CGROUPS = '/sys/fs/cgroup';

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
  for (const { mount, version, group } of groupsOf(read)) {
    const limit = read(posix.join(CGROUPS, mount, group, LIMIT_FILES[version]))?.trim();
    if (limit !== undefined && /^\d+$/.test(limit)) least = Math.min(least, Number(limit));
  }
  return least;
}

export interface ControlGroup {
  readonly mount: string;
  readonly version: 1 | 2;
  readonly group: string;
}

/** Version 2 writes `max` for no limit, version 1 a huge number. */
const LIMIT_FILES = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const;

/**
 * The control groups for memory that this process is in, and all above them. Inside a container the path may be the host's, and only
 * the top is there: it is the container's own group then.
 */
export function* groupsOf(read: ReadSystemFile): Generator<ControlGroup> {
  for (const [, controllers = '', path = '/'] of (read('/proc/self/cgroup') ?? '').matchAll(
    /^\d+:([^:\n]*):(\/.*)$/gm,
  )) {
    // Version 2 has one unnamed hierarchy, version 1 has one for memory.
    const version = controllers === '' ? 2 : 1;
    if (version === 1 && !controllers.split(',').includes('memory')) continue;
    for (const group of selfAndAbove(path)) yield { mount: version === 2 ? '' : 'memory', version, group };
  }
}

function* selfAndAbove(path: string): Generator<string> {
  for (let group = path; group !== '/'; group = posix.dirname(group)) yield group;
  yield '/';
}

export function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
