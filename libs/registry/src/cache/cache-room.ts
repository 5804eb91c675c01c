import { lstat, readdir, readFile, rename, rm, statfs, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DomainError } from '@understudy/platform';
import type { NeededVersions } from '../needed-versions';
import { inOrderOfEviction, missingBytes, type Room, type StoredVersion, type Wanted } from './evictions';
import type { Leases } from './leases';
import { isAbandoned, newOwnedName } from './owner-name';
import { FILES, KEYS, LEFTOVER_SILENCE_MS, MANIFEST, RESERVATION, STAGING, VERSIONS } from './cache-layout';

/** How much of the cache is used. */
export interface CacheUsage {
  readonly bytes: number;
  /** UNDERSTUDY_CACHE_BYTES. */
  readonly maxBytes: number;
  /** Least recently used first. */
  readonly versions: readonly StoredVersion[];
}

/** Keeps the cache within its bound: removes what nothing needs, least recently used first, when room is wanted. */
export class CacheRoom {
  private readonly needs = new Set<NeededVersions>();

  constructor(
    private readonly root: string,
    private readonly maxBytes: number,
    private readonly leases: Leases,
  ) {}

  neededBy(needed: NeededVersions): void {
    this.needs.add(needed);
  }

  async usage(): Promise<CacheUsage> {
    const versions: StoredVersion[] = [];
    for (const digest of await readdir(join(this.root, VERSIONS))) {
      const path = join(this.root, VERSIONS, digest);
      // Another process may be taking it away.
      const used = await lstat(join(path, MANIFEST)).catch(() => undefined);
      versions.push({ digest, bytes: await bytesBelow(join(path, FILES)), lastUsedAt: used?.mtime ?? new Date(0) });
    }
    const bytes = versions.reduce((sum, version) => sum + version.bytes, 0);
    return { bytes, maxBytes: this.maxBytes, versions: inOrderOfEviction(versions, new Set()) };
  }

  /**
   * Promises a version that is being staged this many bytes, `toCome` of which are not there yet, after removing what has to go. Of two that do not fit together the
   * one that asked first gets the room. Throws DomainError `storage-failed`.
   */
  async reserve(staged: string, bytes: number, toCome: number): Promise<void> {
    const reservation = `${staged}${RESERVATION}`;
    await writeFile(reservation, String(bytes), { mode: 0o600 });
    const wanted = { bytes, toCome };
    const room = await this.free(wanted, async () => this.promisedBefore(reservation));
    if (room === undefined) return;
    await rm(reservation, { force: true });
    throw noRoom(wanted, room);
  }

  /** Removes the version that was not used for the longest time and that nothing needs. Says whether there was one. */
  async removeOne(): Promise<boolean> {
    for (const { digest } of await this.removable()) if (await this.remove(digest)) return true;
    return false;
  }

  /** What has to be done now and then: tells the others what is used here, and removes what is beyond the bound. */
  async keepUp(): Promise<void> {
    const needed = await this.needed();
    await this.leases.keep(needed);
    const now = new Date();
    for (const digest of needed ?? [])
      // Needed versions need not be here.
      await utimes(join(this.root, VERSIONS, digest, MANIFEST), now, now).catch(() => undefined);
    await this.free({ bytes: 0, toCome: 0 }, async () => 0);
  }

  /** Removes until what is wanted fits. Returns the most room that can be made where it does not. */
  private async free(wanted: Wanted, promised: () => Promise<number>): Promise<Room | undefined> {
    const room = await this.look(await promised());
    let missing = missingBytes(room, wanted);
    if (missing <= 0) return undefined;
    const removable = await this.removable();
    const most = removable.reduce((sum, { bytes }) => sum + bytes, 0);
    // Nothing is removed in vain.
    if (most < missing) return withLess(room, most);
    for (const version of removable) {
      if (await this.remove(version.digest)) missing -= version.bytes;
      if (missing <= 0) return undefined;
    }
    // Others may have made room meanwhile.
    const left = await this.look(await promised());
    return missingBytes(left, wanted) <= 0 ? undefined : left;
  }

  private async look(promisedBytes: number): Promise<Room> {
    const [{ bytes }, { bavail, bsize }] = [await this.usage(), await statfs(this.root)];
    return { maxBytes: this.maxBytes, storedBytes: bytes, promisedBytes, freeOnDiskBytes: bavail * bsize };
  }

  /** Nothing while somebody cannot say what is needed, and nothing before anybody said that something is. */
  private async removable(): Promise<readonly StoredVersion[]> {
    const needed = await this.tellLeases();
    if (needed === null) return [];
    const { versions } = await this.usage();
    return inOrderOfEviction(versions, new Set([...needed, ...(await this.leases.inUse())]));
  }

  /**
   * Lets the leases know what is needed now: which versions arrived since, and which are left. Each time one comes, so that none arrives and
   * leaves unseen.
   */
  async tellLeases(): Promise<ReadonlySet<string> | null> {
    const needed = await this.needed();
    // A full disk may take no new lease; what was said before still stands, and what makes room must not fail of it.
    await this.leases.keep(needed).catch(() => undefined);
    return needed;
  }

  private async needed(): Promise<ReadonlySet<string> | null> {
    const all = await Promise.all([...this.needs].map((needs) => needs.digests()));
    if (all.length === 0 || all.includes(null)) return null;
    return new Set(all.flatMap((digests) => [...(digests ?? [])]));
  }

  /** In one step, so that nobody sees half of it. Says whether it is gone: not if somebody uses it. */
  private async remove(digest: string): Promise<boolean> {
    const aside = join(this.root, STAGING, newOwnedName());
    const isGone = await this.leases.unlessInUse(digest, async () => {
      await rename(join(this.root, VERSIONS, digest), aside).catch(unlessGone);
    });
    if (!isGone) return false;
    await rm(aside, { recursive: true, force: true });
    await this.forgetKeysOf(digest);
    return true;
  }

  private async forgetKeysOf(digest: string): Promise<void> {
    for (const key of await readdir(join(this.root, KEYS))) {
      const path = join(this.root, KEYS, key);
      if ((await readFile(path, 'utf8').catch(() => '')) === digest) await unlink(path).catch(() => undefined);
    }
  }

  /** Bytes that were promised to others before this promise; at the same moment counts as before, as then neither knows. */
  private async promisedBefore(own: string): Promise<number> {
    const mine = await lstat(own);
    let sum = 0;
    for (const name of await readdir(join(this.root, STAGING))) {
      const path = join(this.root, STAGING, name);
      if (!name.endsWith(RESERVATION) || name === basename(own)) continue;
      const made = await lstat(path).catch(() => undefined);
      if (made === undefined || made.mtimeMs > mine.mtimeMs || (await isAbandoned(path, name, LEFTOVER_SILENCE_MS)))
        continue;
      sum += Number(await readFile(path, 'utf8').catch(() => '0'));
    }
    return sum;
  }
}

const withLess = (room: Room, bytes: number): Room => ({
  ...room,
  storedBytes: room.storedBytes - bytes,
  freeOnDiskBytes: room.freeOnDiskBytes + bytes,
});

function noRoom({ bytes, toCome }: Wanted, room: Room): DomainError {
  const { maxBytes, storedBytes, promisedBytes, freeOnDiskBytes } = room;
  const takenBytes = storedBytes + promisedBytes;
  const isBeyondBound = takenBytes + bytes > maxBytes;
  return new DomainError(
    'storage-failed',
    isBeyondBound
      ? `The model cache has no room for the ${bytes} bytes of the version: UNDERSTUDY_CACHE_BYTES allows ${maxBytes}, and ` +
          `${takenBytes} are taken by versions that are needed, in use or being fetched. Nothing was changed. ` +
          'Raise it, or take versions out of their slots first'
      : `The disk of the model cache has room for ${freeOnDiskBytes} bytes at most and the version needs ${toCome}. ` +
          'Nothing was changed. Free space in the folder of UNDERSTUDY_DATA_DIR or name another',
    { wantedBytes: bytes, takenBytes, maxBytes, freeOnDiskBytes },
  );
}

/** Another process was faster. */
function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** What the files below a path take; what goes away meanwhile takes nothing. */
async function bytesBelow(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  const entries = await readdir(path).catch(() => []);
  const sizes = await Promise.all(entries.map((entry) => bytesBelow(join(path, entry))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
