import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The files of a kept graph. The weights are in one of their own, which the runtime maps into memory instead of reading it. */
export const GRAPH_FILE = 'model.onnx';
export const WEIGHTS_FILE = 'weights.bin';
const MANIFEST = 'manifest.json';

const STAGING = /^staging-(\d+)-/;
const KEY = /^[0-9a-f]{64}$/;
const HASH_STEP_BYTES = 1024 * 1024;

interface KeptFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Graphs that the runtime optimised on this machine, in a folder that nothing else writes. Only what this class put there is
 * read again, and only when every byte is what it was; what is damaged is removed. It is a cache: losing any of it costs time.
 *
 *     <key>/model.onnx   <key>/weights.bin   <key>/manifest.json   staging-<process>-<random>/ what is being written
 */
export class GraphStore {
  constructor(
    private readonly directory: string,
    /** Bytes that all graphs may have together. */
    private readonly maxBytes: number,
  ) {}

  /** The folder of the graph with this key, verified; undefined where there is none. */
  find(key: string): string | undefined {
    const folder = join(this.directory, key);
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return undefined;
    if (!isIntact(folder)) {
      this.remove(key);
      return undefined;
    }
    touch(folder);
    return folder;
  }

  /** Whether a graph of this size may be written: within the bound, and with as much free on the disk again. */
  hasRoomFor(bytes: number): boolean {
    if (bytes > this.maxBytes) return false;
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize > 2 * bytes;
  }

  /** An empty folder to write a graph into. */
  stage(): string {
    this.removeLeftovers();
    const folder = join(this.directory, `staging-${process.pid}-${randomUUID()}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Gives what was staged its name. False where it is too much, or another process was faster; it is removed then. */
  keep(staged: string, key: string): boolean {
    try {
      const files = readdirSync(staged).map((name) => describe(staged, name));
      const bytes = sumOf(files);
      if (bytes > this.maxBytes) return false;
      this.makeRoomFor(bytes);
      writeFileSync(join(staged, MANIFEST), JSON.stringify(files), { mode: 0o600 });
      renameSync(staged, join(this.directory, key));
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    } finally {
      discard(staged);
    }
  }

  remove(key: string): void {
    discard(join(this.directory, key));
  }

  /** Removes the least recently used. A runner that has one mapped keeps it until it ends. */
  private makeRoomFor(bytes: number): void {
    const kept = readdirSync(this.directory)
      .filter((name) => KEY.test(name))
      .map((key) => ({ key, ...sizeAndUse(join(this.directory, key)) }))
      .sort((a, b) => a.usedMs - b.usedMs);
    let total = kept.reduce((sum, entry) => sum + entry.bytes, bytes);
    for (const entry of kept) {
      if (total <= this.maxBytes) return;
      this.remove(entry.key);
      total -= entry.bytes;
    }
  }

  /** What runners that are gone left half-written. */
  private removeLeftovers(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.directory)) {
      const pid = STAGING.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) discard(join(this.directory, name));
    }
  }
}

export function discard(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // A failing disk keeps it; the next look finds it damaged, or tries again.
  }
}

function isIntact(folder: string): boolean {
  try {
    const files = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as readonly KeptFile[];
    return (
      files.some(({ name }) => name === GRAPH_FILE) &&
      files.every(({ name, bytes, sha256 }) => {
        if (name !== GRAPH_FILE && name !== WEIGHTS_FILE) return false;
        const path = join(folder, name);
        const found = lstatSync(path);
        return found.isFile() && found.nlink === 1 && found.size === bytes && sha256Of(path) === sha256;
      })
    );
  } catch {
    return false;
  }
}

function describe(folder: string, name: string): KeptFile {
  const path = join(folder, name);
  return { name, bytes: lstatSync(path).size, sha256: sha256Of(path) };
}

function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const step = Buffer.alloc(HASH_STEP_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, step); read > 0; read = readSync(file, step)) hash.update(step.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** Sizes as they are on the disk; nothing where another process is just removing it. */
function sizeAndUse(folder: string): { readonly bytes: number; readonly usedMs: number } {
  try {
    const bytes = readdirSync(folder).reduce((sum, name) => sum + lstatSync(join(folder, name)).size, 0);
    return { bytes, usedMs: lstatSync(folder).mtimeMs };
  } catch {
    return { bytes: 0, usedMs: 0 };
  }
}

const sumOf = (files: readonly KeptFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

function touch(folder: string): void {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // Then it counts as not used, and goes earlier.
  }
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
