import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isProcessAlive } from '@understudy/platform';

const HOST = `${hostname().replace(/[^A-Za-z0-9.]/g, '_')}-`;
const PROCESS = `${HOST}${process.pid}-${randomUUID()}`;

/** A name that nothing else has, and that tells everybody on the folder which process made it: `<host>-<process>-<random>`. */
export const newOwnedName = (): string => `${PROCESS}.${randomUUID()}`;

/**
 * Whether the process that made this file or folder is gone. Of a process on another machine only its silence tells: it is gone when
 * it has not touched `path` for `silenceMs`.
 */
export async function isAbandoned(path: string, name: string, silenceMs: number): Promise<boolean> {
  if (name.startsWith(PROCESS)) return false;
  const pid = name.startsWith(HOST) ? Number.parseInt(name.slice(HOST.length), 10) : NaN;
  // What has this process's number and is not of this process is of one that had the number before, as in a container.
  if (Number.isInteger(pid)) return pid === process.pid || !isProcessAlive(pid);
  // Another process may be clearing away the same.
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > silenceMs;
}
