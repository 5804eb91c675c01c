/**
 * Somebody who knows of versions that must stay in the cache: the slots of this process, the stored states. Whoever needs some tells
 * {@link ModelCache.neededBy}; what nobody needs is removed when room is wanted, least recently used first.
 */
export abstract class NeededVersions {
  /** Digests of the versions that are needed now; null where that cannot be known now, and then nothing is removed. */
  abstract digests(): Promise<ReadonlySet<string> | null>;
}
