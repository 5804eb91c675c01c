import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '@understudy/platform';
import { type CachedFile, type CachedFiles, readManifest, sha256Of, toManifest } from './cached-files';
import { syncFolder, writeDurably } from './durable-files';
import { sha256OfFile } from './sha256-of-file';
import { FILES, StagedVersion } from './staged-version';
import { onDisk } from './storage-failure';

const MANIFEST = 'manifest.json';

/** How often a place that another process takes at the same time is looked at again. */
const PLACE_ATTEMPTS = 4;

/** What the system says when something is in the place where a folder should go. */
const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

/**
 * A folder of model files addressed by content: written under a temporary name, made durable, then renamed into place, so that
 * what has its final name is whole. Several processes may share one folder.
 *
 *     versions/<digest>/files/...      versions/<digest>/manifest.json
 *     keys/<SHA-256 of a files key>    the digest that the key was stored under
 *     staging/<host>-<process>-<random>   what is being written
 */
export class ModelCache {
  constructor(private readonly root: string) {}

  /** Makes the folders and clears away what processes that are gone left half-written. Throws DomainError `storage-failed`. */
  async prepare(): Promise<void> {
    await onDisk(async () => {
      await this.makeFolders();
      for (const entry of await readdir(join(this.root, 'staging'))) {
        const path = join(this.root, 'staging', entry);
        if (await isLeftover(path, entry)) await rm(path, { recursive: true, force: true });
      }
    });
  }

  /** An empty folder to write a version into; private to this process. Throws DomainError `storage-failed`. */
  async stage(): Promise<StagedVersion> {
    const directory = this.newStagingPath();
    await onDisk(async () => {
      // Somebody may have emptied the cache since the start.
      await this.makeFolders();
      await mkdir(join(directory, FILES), { recursive: true, mode: 0o700 });
    });
    return new StagedVersion(directory);
  }

  /**
   * Gives a staged version its final name. Where the same files are there already, those are used.
   * Throws DomainError `storage-failed`.
   */
  async commit(staged: StagedVersion, filesKey: string | undefined): Promise<CachedFiles> {
    return onDisk(async () => {
      const { text, digest } = toManifest(staged.files);
      await writeDurably(join(staged.directory, MANIFEST), text);
      const cached = await this.place(staged, digest);
      if (filesKey !== undefined) await this.remember(filesKey, digest);
      return cached;
    });
  }

  /** The files stored under a key, read again and compared with their SHA-256; undefined where there are none or one differs. */
  async find(filesKey: string): Promise<CachedFiles | undefined> {
    const digest = await readFile(this.keyPath(filesKey), 'utf8').catch(() => undefined);
    return digest === undefined ? undefined : this.verified(digest);
  }

  /** The files with this digest, verified; undefined where they cannot be read or are not what the digest says. */
  async verified(digest: string): Promise<CachedFiles | undefined> {
    if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
    const folder = join(this.root, 'versions', digest);
    const directory = join(folder, FILES);
    try {
      const files = readManifest(await readFile(join(folder, MANIFEST), 'utf8'), digest);
      if (files === undefined) return undefined;
      const trueDirectory = join(await realpath(this.root), 'versions', digest, FILES);
      for (const file of files) if (!(await isIntact(join(trueDirectory, file.path), file))) return undefined;
      return { digest, directory, files };
    } catch {
      // Whatever the disk says: files that cannot be read are fetched again.
      return undefined;
    }
  }

  /** Renames the staged folder to its digest. Never touches files of that name that are right: another process may be loading them. */
  private async place(staged: StagedVersion, digest: string): Promise<CachedFiles> {
    const target = join(this.root, 'versions', digest);
    for (let attempt = 1; ; attempt++) {
      try {
        await rename(staged.directory, target);
        await syncFolder(join(this.root, 'versions'));
        return { digest, directory: join(target, FILES), files: staged.files };
      } catch (error) {
        if (!OCCUPIED.has((error as NodeJS.ErrnoException).code ?? '') || attempt === PLACE_ATTEMPTS) throw error;
      }
      const known = await this.verified(digest);
      if (known !== undefined) {
        await staged.discard();
        return known;
      }
      await this.moveAway(target);
    }
  }

  /** Removes what has the name of a digest and is not what that says; in one step, so that nobody sees half of it. */
  private async moveAway(path: string): Promise<void> {
    const aside = this.newStagingPath();
    try {
      await rename(path, aside);
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await rm(aside, { recursive: true, force: true });
  }

  private async remember(filesKey: string, digest: string): Promise<void> {
    const temporary = this.newStagingPath();
    try {
      await writeDurably(temporary, digest);
      await rename(temporary, this.keyPath(filesKey));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  private async makeFolders(): Promise<void> {
    for (const folder of ['versions', 'keys', 'staging'])
      await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
  }

  private keyPath(filesKey: string): string {
    return join(this.root, 'keys', sha256Of(filesKey));
  }

  private newStagingPath(): string {
    return join(this.root, 'staging', `${stagingOwner()}-${process.pid}-${randomUUID()}`);
  }
}

/** A link or a pipe of the right name, or a link on the way to it, is not the file: it could become another one after this look. */
async function isIntact(path: string, { bytes, sha256 }: CachedFile): Promise<boolean> {
  if ((await realpath(path)) !== path) return false;
  const found = await lstat(path);
  return found.isFile() && found.nlink === 1 && found.size === bytes && (await sha256OfFile(path)) === sha256;
}

const LEFTOVER_AFTER_MS = 24 * 60 * 60 * 1000;

const stagingOwner = (): string => hostname().replace(/[^A-Za-z0-9.]/g, '_');

/** Whether nobody writes this any more: its process on this host is gone, or it has not been touched for a day. */
async function isLeftover(path: string, entry: string): Promise<boolean> {
  const prefix = `${stagingOwner()}-`;
  // At the start this process has written nothing yet: a folder with its number is of one that had the number before.
  const pid = entry.startsWith(prefix) ? Number.parseInt(entry.slice(prefix.length), 10) : NaN;
  if (Number.isInteger(pid)) return pid === process.pid || !isProcessAlive(pid);
  // Another process may be clearing away the same.
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LEFTOVER_AFTER_MS;
}
