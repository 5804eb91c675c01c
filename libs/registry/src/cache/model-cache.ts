import { lstat, mkdir, readdir, readFile, realpath, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { NeededVersions } from '../needed-versions';
import { FILES, KEYS, LEFTOVER_SILENCE_MS, MANIFEST, RESERVATION, STAGING, VERSIONS } from './cache-layout';
import { CacheRoom, type CacheUsage } from './cache-room';
import { type CachedFile, type CachedFiles, readManifest, sha256Of, toManifest } from './cached-files';
import { syncFolder, writeDurably } from './durable-files';
import { Leases } from './leases';
import { isAbandoned, newOwnedName } from './owner-name';
import { sha256OfFile } from './sha256-of-file';
import { StagedVersion } from './staged-version';
import { isDiskFull, onDisk } from './storage-failure';

/** How often a place that another process takes at the same time is looked at again. */
const PLACE_ATTEMPTS = 4;

/** What the system says when something is in the place where a folder should go. */
const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

export interface ModelCacheOptions {
  readonly maxBytes: number;
  /** A version that was found or stored is not removed for so long, in which it may get to where it is needed. */
  readonly arrivalMs: number;
  /** Told of a version that is not used because a file of it, by its path there, is not what was stored. */
  readonly onDamaged?: (digest: string, path: string) => void;
}

/**
 * A folder of model files addressed by content: written under a temporary name, made durable, then renamed into place, so that
 * what has its final name is whole. Several processes may share one folder.
 *
 *     versions/<digest>/files/...      versions/<digest>/manifest.json
 *     keys/<SHA-256 of a files key>    the digest that the key was stored under
 *     staging/<owner>                  what is being written, and staging/<owner>.reserved: the bytes it was promised
 *     leases/..., removing/...         who uses what: {@link Leases}
 *
 * It never takes more than `maxBytes`: before a version comes, others that nothing needs go, least recently used first.
 */
export class ModelCache {
  private readonly leases: Leases;
  private readonly room: CacheRoom;
  private readonly onDamaged: NonNullable<ModelCacheOptions['onDamaged']>;

  constructor(
    private readonly root: string,
    { maxBytes, arrivalMs, onDamaged = () => undefined }: ModelCacheOptions,
  ) {
    this.onDamaged = onDamaged;
    this.leases = new Leases(root, arrivalMs);
    this.room = new CacheRoom(root, maxBytes, this.leases);
  }

  /** Tells of a further reason to keep versions. Until there is one, nothing is removed. */
  neededBy(needed: NeededVersions): void {
    this.room.neededBy(needed);
  }

  /** What is stored, and how much that is. Throws DomainError `storage-failed`. */
  async usage(): Promise<CacheUsage> {
    return onDisk(async () => this.room.usage());
  }

  /**
   * What has to be done every minute or so: tells other processes what this one uses, clears away what processes that are gone left, and
   * removes what is beyond the bound. Throws DomainError `storage-failed`.
   */
  async keepUp(): Promise<void> {
    await this.prepare();
    await onDisk(async () => this.room.keepUp());
  }

  /** Lets other processes remove what this one used. */
  async letGo(): Promise<void> {
    await onDisk(async () => this.leases.letGo());
  }

  /** Makes the folders and clears away what processes that are gone left half-written. Throws DomainError `storage-failed`. */
  async prepare(): Promise<void> {
    await onDisk(async () => {
      await this.makeFolders();
      for (const name of await readdir(join(this.root, STAGING))) {
        const path = join(this.root, STAGING, name);
        if (await isAbandoned(path, name, LEFTOVER_SILENCE_MS)) await rm(path, { recursive: true, force: true });
      }
    });
  }

  /** An empty folder to write a version into; private to this process. Throws DomainError `storage-failed`. */
  async stage(): Promise<StagedVersion> {
    const directory = this.newStagingPath();
    await this.makingRoom(async () => {
      // Somebody may have emptied the cache since the start.
      await this.makeFolders();
      await mkdir(join(directory, FILES), { recursive: true, mode: 0o700 });
    });
    return new StagedVersion(directory, (write) => this.makingRoom(write));
  }

  /**
   * Makes room for a staged version of so many bytes, and keeps it for that version. Throws DomainError `storage-failed` where there is
   * none.
   */
  async reserve(staged: StagedVersion, bytes: number): Promise<void> {
    await this.makingRoom(async () => this.room.reserve(staged.directory, bytes, bytes - staged.bytes));
  }

  /**
   * Gives a staged version its final name. Where the same files are there already, those are used.
   * Throws DomainError `storage-failed`.
   */
  async commit(staged: StagedVersion, filesKey: string | undefined): Promise<CachedFiles> {
    const { text, digest } = toManifest(staged.files);
    await this.makingRoom(async () => {
      await writeDurably(join(staged.directory, MANIFEST), text);
      await this.lease(digest);
    });
    const cached = await onDisk(async () => this.place(staged, digest));
    if (filesKey !== undefined) await this.makingRoom(async () => this.remember(filesKey, digest));
    return cached;
  }

  /** The files stored under a key, read again and compared with their SHA-256; undefined where there are none or one differs. */
  async find(filesKey: string): Promise<CachedFiles | undefined> {
    const digest = await readFile(this.keyPath(filesKey), 'utf8').catch(() => undefined);
    return digest === undefined ? undefined : this.verified(digest);
  }

  /** The files with this digest, verified; undefined where they cannot be read or are not what the digest says. */
  async verified(digest: string): Promise<CachedFiles | undefined> {
    if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
    const folder = join(this.root, VERSIONS, digest);
    const directory = join(folder, FILES);
    // Before the look: what is there then stays. Where nothing can be written, as on a full disk, files that are there still serve.
    await this.lease(digest).catch(() => undefined);
    try {
      const files = readManifest(await readFile(join(folder, MANIFEST), 'utf8'), digest);
      if (files === undefined) {
        this.onDamaged(digest, MANIFEST);
        return undefined;
      }
      const trueDirectory = join(await realpath(this.root), VERSIONS, digest, FILES);
      for (const file of files) {
        if (await isIntact(join(trueDirectory, file.path), file).catch(() => false)) continue;
        this.onDamaged(digest, file.path);
        return undefined;
      }
      const now = new Date();
      await utimes(join(folder, MANIFEST), now, now).catch(() => undefined);
      return { digest, directory, files };
    } catch {
      // Whatever the disk says: files that cannot be read are fetched again.
      return undefined;
    }
  }

  /** Afterwards nobody takes the version away until it is not needed. */
  private async lease(digest: string): Promise<void> {
    await this.room.tellLeases();
    await this.leases.take(digest);
  }

  /** Renames the staged folder to its digest. Never touches files of that name that are right: another process may be loading them. */
  private async place(staged: StagedVersion, digest: string): Promise<CachedFiles> {
    const target = join(this.root, VERSIONS, digest);
    for (let attempt = 1; ; attempt++) {
      try {
        await rename(staged.directory, target);
        await syncFolder(join(this.root, VERSIONS));
        await rm(`${staged.directory}${RESERVATION}`, { force: true });
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

  /** Does something that takes room; where the disk is full, again after each version that can go has gone. */
  private async makingRoom<Result>(write: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await onDisk(write);
      } catch (error) {
        if (!isDiskFull(error) || !(await onDisk(async () => this.room.removeOne()))) throw error;
      }
    }
  }

  private async makeFolders(): Promise<void> {
    for (const folder of [VERSIONS, KEYS, STAGING, 'leases', 'removing'])
      await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
  }

  private keyPath(filesKey: string): string {
    return join(this.root, KEYS, sha256Of(filesKey));
  }

  private newStagingPath(): string {
    return join(this.root, STAGING, newOwnedName());
  }
}

/** A link or a pipe of the right name, or a link on the way to it, is not the file: it could become another one after this look. */
async function isIntact(path: string, { bytes, sha256 }: CachedFile): Promise<boolean> {
  if ((await realpath(path)) !== path) return false;
  const found = await lstat(path);
  return found.isFile() && found.nlink === 1 && found.size === bytes && (await sha256OfFile(path)) === sha256;
}
