import fc from 'fast-check';
import { inOrderOfEviction, missingBytes, type StoredVersion } from './evictions';

const stored = (digest: string, lastUsedMs: number): StoredVersion => ({
  digest,
  bytes: 1,
  lastUsedAt: new Date(lastUsedMs),
});

const anyVersions = fc.uniqueArray(
  fc.record({
    digest: fc.string({ minLength: 1, maxLength: 3 }),
    bytes: fc.nat(1000),
    lastUsedAt: fc.nat(5).map((ms) => new Date(ms)),
  }),
  { selector: ({ digest }) => digest },
);

describe('the order in which versions go', () => {
  it('is least recently used first, without what is kept', () => {
    const versions = [stored('c', 3), stored('a', 1), stored('kept', 0), stored('b', 2)];
    expect(inOrderOfEviction(versions, new Set(['kept'])).map(({ digest }) => digest)).toEqual(['a', 'b', 'c']);
  });

  it('never holds what is kept, holds all else once, and is the same in whatever order they are found', () => {
    fc.assert(
      fc.property(anyVersions, fc.array(fc.string({ minLength: 1, maxLength: 3 })), (versions, names) => {
        const kept = new Set(names);
        const order = inOrderOfEviction(versions, kept);
        expect(new Set(order)).toEqual(new Set(versions.filter(({ digest }) => !kept.has(digest))));
        expect(inOrderOfEviction([...versions].reverse(), kept)).toEqual(order);
        for (const [index, { lastUsedAt }] of order.entries())
          expect(lastUsedAt.getTime()).toBeGreaterThanOrEqual(order[index - 1]?.lastUsedAt.getTime() ?? 0);
      }),
    );
  });
});

describe('what is missing before a version fits', () => {
  const room = { maxBytes: 100, storedBytes: 50, promisedBytes: 20, freeOnDiskBytes: 40 };

  it.each([
    ['nothing where it fits', { bytes: 30, toCome: 30 }, 0],
    ['what is beyond the bound, promises to others counted', { bytes: 35, toCome: 35 }, 5],
    ['what the disk does not have', { bytes: 30, toCome: 60 }, 20],
    ['the larger of the two', { bytes: 50, toCome: 50 }, 20],
    ['nothing of the disk for what is there already', { bytes: 30, toCome: 0 }, 0],
  ])('is %s', (_, wanted, missing) => {
    expect(Math.max(0, missingBytes(room, wanted))).toBe(missing);
  });
});
