/** A version in the cache, as far as it matters for what may go. */
export interface StoredVersion {
  readonly digest: string;
  readonly bytes: number;
  readonly lastUsedAt: Date;
}

/** What may go, in the order in which it goes: least recently used first, and nothing of what is kept. */
export function inOrderOfEviction(
  versions: readonly StoredVersion[],
  kept: ReadonlySet<string>,
): readonly StoredVersion[] {
  return versions
    .filter(({ digest }) => !kept.has(digest))
    .sort((a, b) => a.lastUsedAt.getTime() - b.lastUsedAt.getTime() || (a.digest < b.digest ? -1 : 1));
}

/** What the cache and the disk have, in bytes. */
export interface Room {
  /** UNDERSTUDY_CACHE_BYTES. */
  readonly maxBytes: number;
  /** In the versions that are stored. */
  readonly storedBytes: number;
  /** For versions that others began to fetch before. */
  readonly promisedBytes: number;
  readonly freeOnDiskBytes: number;
}

/** What is wanted of them. */
export interface Wanted {
  readonly bytes: number;
  /** Of those, what is not on the disk yet. */
  readonly toCome: number;
}

/** What has to go before what is wanted fits under the bound and on the disk; 0 or less where it fits. */
export function missingBytes(room: Room, wanted: Wanted): number {
  return Math.max(
    room.storedBytes + room.promisedBytes + wanted.bytes - room.maxBytes,
    wanted.toCome - room.freeOnDiskBytes,
  );
}
