import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DomainError } from '@understudy/platform';
import type { ModelFile, ModelFiles } from '../model-registry';
import { quoted } from '../quoted';
import { readable } from './readable';

/** Large pieces keep the share of the event loop small while a model of gigabytes is copied. */
const CHUNK_BYTES = 256 * 1024;
const MAX_ENTRIES = 10_000;

/**
 * The files of one version on this machine's disk. Only plain files count: a symbolic or hard link could stand for any file of
 * the machine, and a pipe or device would never end.
 */
export class FolderFiles implements ModelFiles {
  constructor(private readonly folder: string) {}

  async list(signal: AbortSignal): Promise<readonly ModelFile[]> {
    signal.throwIfAborted();
    return readable(() => this.listTree());
  }

  async open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return readChunks(await readable(() => this.openPlain(path)), signal);
  }

  private async listTree(): Promise<readonly ModelFile[]> {
    const files: ModelFile[] = [];
    const folders = [''];
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      for (const entry of await readdir(join(this.folder, folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (files.length + folders.length >= MAX_ENTRIES) throw refused(path, `it is one of more than ${MAX_ENTRIES}`);
        if (entry.isDirectory()) folders.push(path);
        else files.push({ path, bytes: await this.sizeOf(path) });
      }
    }
    return files;
  }

  private async openPlain(path: string): Promise<FileHandle> {
    const root = await realpath(this.folder);
    const target = join(root, path);
    if ((await realpath(target)) !== target || !target.startsWith(root + sep))
      throw refused(path, 'it is reached through a link');
    const file = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      checkPlain(path, await file.stat());
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  private async sizeOf(path: string): Promise<number> {
    const found = await lstat(join(this.folder, path));
    checkPlain(path, found);
    return found.size;
  }
}

/**
 * `readFile` and streams would do; this one yields large pieces and closes the file whatever the reader does. All pieces come in the same
 * memory: with some of its own for each, which the system maps, fills with zeros and takes back, a fetch of 500 MB took 1.6 s instead of 1.2.
 */
async function* readChunks(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await readable(() => file.read({ buffer }));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function checkPlain(path: string, found: { isFile(): boolean; readonly nlink: number }): void {
  if (!found.isFile()) throw refused(path, 'it is not a plain file');
  if (found.nlink > 1) throw refused(path, 'it has a second name on the disk (a hard link); copy it instead');
}

function refused(path: string, why: string): DomainError {
  return new DomainError('unsafe-model-files', `The file ${quoted(path)} of the version was refused: ${why}`);
}
