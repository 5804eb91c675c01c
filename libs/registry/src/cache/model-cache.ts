import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DomainError, isProcessAlive } from '@understudy/platform';
import { z } from 'zod';
import { sha256OfFile } from './sha256-of-file';
import { StorageError, storageFailure } from './storage-failure';

export interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of one version on this machine, under a name that is a digest of their contents. */
export interface CachedFiles {
  /** SHA-256 over the list of paths, sizes and SHA-256 of the files. */
  readonly digest: string;
  /** The folder that holds them. */
  readonly directory: string;
  readonly files: readonly CachedFile[];
}

const manifestJson = z.array(
  z.object({ path: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string().length(64) }),
);

const FILES = 'files';
const MANIFEST = 'manifest.json';

/**
 * A folder of model files addressed by content: written under a temporary name, made durable, then renamed into place, so that
 * what has its final name is whole. Several processes may share one folder.
 *
 *     versions/<digest>/files/...      versions/<digest>/manifest.json
 *     keys/<SHA-256 of a files key>    the digest that the key was stored under
 *     staging/<host>-<process>-<random>/   what is being written
 */
export class ModelCache {
  constructor(private readonly root: string) {}

  /** Makes the folders and clears away what processes that are gone left half-written. */
  async prepare(): Promise<void> {
    await this.attempt(async () => {
      for (const folder of ['versions', 'keys', 'staging'])
        await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
      for (const entry of await readdir(join(this.root, 'staging'))) {
        const path = join(this.root, 'staging', entry);
        if (await isLeftover(path, entry)) await rm(path, { recursive: true, force: true });
      }
    });
  }

  /** An empty folder to write a version into; private to this process. */
  async stage(): Promise<StagedVersion> {
    const directory = join(this.root, 'staging', `${stagingOwner()}-${process.pid}-${randomUUID()}`);
    await this.attempt(() => mkdir(join(directory, FILES), { recursive: true, mode: 0o700 }));
    return new StagedVersion(directory);
  }

  /** Gives a staged version its final name. Where the same files are there already, those are used. */
  async commit(staged: StagedVersion, filesKey: string | undefined): Promise<CachedFiles> {
    return this.attempt(async () => {
      const files = staged.writtenFiles();
      const manifest = JSON.stringify(files);
      const digest = createHash('sha256').update(manifest).digest('hex');
      await writeDurably(join(staged.directory, MANIFEST), manifest);
      const target = join(this.root, 'versions', digest);
      const known = await this.verified(digest);
      if (known === undefined) {
        await rm(target, { recursive: true, force: true });
        await rename(staged.directory, target);
        await syncDirectory(dirname(target));
      } else await staged.discard();
      if (filesKey !== undefined) await this.remember(filesKey, digest);
      return { digest, directory: join(target, FILES), files };
    });
  }

  /** The files stored under a key, read again and compared with their SHA-256; undefined where there are none or one differs. */
  async find(filesKey: string): Promise<CachedFiles | undefined> {
    const digest = await readFile(this.keyPath(filesKey), 'utf8').catch(() => undefined);
    return digest === undefined ? undefined : this.verified(digest);
  }

  /** The files with this digest, verified; undefined where they are missing or not what the digest says. */
  async verified(digest: string): Promise<CachedFiles | undefined> {
    if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
    const folder = join(this.root, 'versions', digest);
    const manifest = await readFile(join(folder, MANIFEST), 'utf8').catch(() => undefined);
    if (manifest === undefined || createHash('sha256').update(manifest).digest('hex') !== digest) return undefined;
    const files = manifestJson.safeParse(JSON.parse(manifest)).data ?? [];
    const directory = join(folder, FILES);
    for (const file of files) {
      const size = await stat(join(directory, file.path)).then(
        (found) => found.size,
        () => -1,
      );
      if (size !== file.bytes || (await sha256OfFile(join(directory, file.path))) !== file.sha256) return undefined;
    }
    return { digest, directory, files };
  }

  private async remember(filesKey: string, digest: string): Promise<void> {
    const temporary = join(this.root, 'keys', `${process.pid}-${randomUUID()}`);
    await writeDurably(temporary, digest);
    await rename(temporary, this.keyPath(filesKey));
  }

  private keyPath(filesKey: string): string {
    return join(this.root, 'keys', createHash('sha256').update(filesKey).digest('hex'));
  }

  private async attempt<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await attemptStorage(action);
    } catch (error) {
      throw storageFailure(error);
    }
  }
}

/** A version being written into the cache. */
export class StagedVersion {
  private readonly written: CachedFile[] = [];

  constructor(readonly directory: string) {}

  /** Where the file with this path is, once {@link write} is done with it. */
  locate(path: string): string {
    return join(this.directory, FILES, path);
  }

  /**
   * Writes one file from a stream and makes it durable. `path` must have passed the rules for file names.
   * Throws DomainError `registry-bad-answer` when the stream is longer than `mostBytes` or not exactly `expectedBytes`.
   */
  async write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    limits: { readonly expectedBytes: number | null; readonly mostBytes: number },
    onBytes: (bytes: number) => void,
  ): Promise<CachedFile> {
    const target = this.locate(path);
    await attemptStorage(() => mkdir(dirname(target), { recursive: true, mode: 0o700 }));
    const file = await attemptStorage(() => open(target, 'w', 0o600));
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of content) {
        bytes += chunk.byteLength;
        if (bytes > (limits.expectedBytes ?? limits.mostBytes)) throw tooLong(path, limits);
        hash.update(chunk);
        await attemptStorage(() => file.writeFile(chunk));
        onBytes(chunk.byteLength);
      }
      if (limits.expectedBytes !== null && bytes !== limits.expectedBytes) {
        throw new DomainError(
          'registry-unavailable',
          `The registry listed ${limits.expectedBytes} bytes for the file ${JSON.stringify(path)} and sent ${bytes}. Try again`,
        );
      }
      await attemptStorage(() => file.sync());
    } finally {
      await file.close();
    }
    const done = { path, bytes, sha256: hash.digest('hex') };
    const again = this.written.findIndex((earlier) => earlier.path === path);
    if (again >= 0) this.written.splice(again, 1);
    this.written.push(done);
    return done;
  }

  writtenFiles(): readonly CachedFile[] {
    return [...this.written].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async discard(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function tooLong(
  path: string,
  { expectedBytes, mostBytes }: { expectedBytes: number | null; mostBytes: number },
): DomainError {
  const promised = expectedBytes === null ? `the limit of ${mostBytes} bytes` : `the ${expectedBytes} bytes it listed`;
  return new DomainError(
    'registry-bad-answer',
    `The registry sent more than ${promised} for the file ${JSON.stringify(path)}`,
  );
}

async function attemptStorage<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw new StorageError(error);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await writeFile(file, text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const LEFTOVER_AFTER_MS = 24 * 60 * 60 * 1000;

const stagingOwner = (): string => hostname().replace(/[^A-Za-z0-9.]/g, '_');

/** Whether nobody writes this staging folder any more: its process on this host is gone, or it has not been touched for a day. */
async function isLeftover(path: string, entry: string): Promise<boolean> {
  const prefix = `${stagingOwner()}-`;
  // At the start this process has written nothing yet: a folder with its number is of one that had the number before.
  const pid = entry.startsWith(prefix) ? Number.parseInt(entry.slice(prefix.length), 10) : NaN;
  if (Number.isInteger(pid)) return pid === process.pid || !isProcessAlive(pid);
  const { mtimeMs } = await stat(path);
  return Date.now() - mtimeMs > LEFTOVER_AFTER_MS;
}
