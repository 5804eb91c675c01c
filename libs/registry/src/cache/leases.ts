import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbandoned, newOwnedName } from './owner-name';

/** A process on another machine that gave no sign for so long counts as gone. It gives one at every {@link Leases.keep}. */
const LEASE_SILENCE_MS = 60 * 60_000;
/** Taking a version away is one rename: who announced it a minute ago and is still at it is gone. */
const REMOVAL_SILENCE_MS = 60_000;
const LOOK_AGAIN_MS = 5;
const DIGEST_LENGTH = 64;
const ARRIVED = -Infinity;

/**
 * Says to every process on the folder which versions this process uses, so that none removes them.
 *
 *     leases/<owner>/<digest>       an empty file: the owner uses this version
 *     removing/<digest>.<owner>     the owner is about to take this version away
 *
 * Each side first writes its own file and then looks for the other's. So of a lease and a removal at the same time at least one
 * sees the other: the removal gives way, and the lease waits until the removal has done one thing or the other.
 */
export class Leases {
  private readonly all: string;
  private readonly own: string;
  private readonly removing: string;
  /** When each was taken, on a clock that never goes back; {@link ARRIVED} once its version was needed. */
  private readonly takenAtMs = new Map<string, number>();

  /** A lease whose version was never needed is kept for `graceMs`: the version may be on its way into a slot. */
  constructor(
    root: string,
    private readonly graceMs: number,
  ) {
    this.all = join(root, 'leases');
    this.own = join(this.all, newOwnedName());
    this.removing = join(root, 'removing');
  }

  /** Afterwards nobody takes the version away; whether it is there has to be looked at now, not before. */
  async take(digest: string): Promise<void> {
    this.takenAtMs.set(digest, performance.now());
    await this.write(digest);
    while (await this.isBeingRemoved(digest)) await sleep(LOOK_AGAIN_MS);
  }

  /** Gives the sign that this process lives, and lets go of what is not needed; of nothing where that is not known (null). */
  async keep(needed: ReadonlySet<string> | null): Promise<void> {
    for (const digest of needed ?? []) this.takenAtMs.set(digest, ARRIVED);
    const now = performance.now();
    for (const [digest, takenAtMs] of needed === null ? [] : this.takenAtMs) {
      if (needed?.has(digest) || now - takenAtMs < this.graceMs) continue;
      this.takenAtMs.delete(digest);
      await rm(join(this.own, digest), { force: true });
    }
    // Written again, should somebody have emptied the folder.
    for (const digest of this.takenAtMs.keys()) await this.write(digest);
    const sign = new Date();
    if (this.takenAtMs.size > 0) await utimes(this.own, sign, sign);
  }

  /** What any process uses, this one included. Forgets those that are gone. */
  async inUse(): Promise<Set<string>> {
    const digests = new Set<string>(this.takenAtMs.keys());
    for (const owner of await entriesOf(this.all)) {
      const path = join(this.all, owner);
      if (await isAbandoned(path, owner, LEASE_SILENCE_MS)) await rm(path, { recursive: true, force: true });
      else for (const digest of await entriesOf(path)) digests.add(digest);
    }
    return digests;
  }

  /** Does what takes the version away, unless a process uses it. Says whether it was done. */
  async unlessInUse(digest: string, takeAway: () => Promise<void>): Promise<boolean> {
    const notice = join(this.removing, `${digest}.${newOwnedName()}`);
    await mkdir(this.removing, { recursive: true, mode: 0o700 });
    await writeFile(notice, '', { mode: 0o600 });
    try {
      if ((await this.inUse()).has(digest)) return false;
      await takeAway();
      return true;
    } finally {
      await rm(notice, { force: true });
    }
  }

  async letGo(): Promise<void> {
    this.takenAtMs.clear();
    await rm(this.own, { recursive: true, force: true });
  }

  private async write(digest: string): Promise<void> {
    await mkdir(this.own, { recursive: true, mode: 0o700 });
    await writeFile(join(this.own, digest), '', { mode: 0o600 });
  }

  private async isBeingRemoved(digest: string): Promise<boolean> {
    for (const name of await entriesOf(this.removing)) {
      if (!name.startsWith(`${digest}.`)) continue;
      const path = join(this.removing, name);
      if (!(await isAbandoned(path, name.slice(DIGEST_LENGTH + 1), REMOVAL_SILENCE_MS))) return true;
      await rm(path, { force: true });
    }
    return false;
  }
}

/** The names in a folder; none where it is not there, because another process removed it or nobody made it yet. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
