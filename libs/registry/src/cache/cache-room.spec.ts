import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NeededInTest, storeVersion } from '../../../../test/registry/store-version';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import type { CachedFiles } from './cached-files';
import { ModelCache } from './model-cache';

const folder = temporaryFolder('room');
let root: string;
let cache: ModelCache;
let needs: NeededInTest;
let count = 0;
let stored = 0;

beforeEach(async () => {
  root = join(folder.path, String(count++));
  stored = 0;
  ({ cache, needs } = await open());
});

afterAll(() => {
  folder.remove();
});

async function open({ maxBytes = 30, arrivalMs = 0 } = {}) {
  const opened = { cache: new ModelCache(root, { maxBytes, arrivalMs }), needs: new NeededInTest() };
  opened.cache.neededBy(opened.needs);
  await opened.cache.prepare();
  return opened;
}

/** Stores a version of 10 bytes; each was last used a second after the one before, a long time ago. */
async function store(content: string, key = content, into = cache): Promise<CachedFiles> {
  const cached = await storeVersion(into, content.padEnd(10), { filesKey: key });
  const at = new Date(Date.UTC(2020, 0, 1) + 1000 * stored++);
  utimesSync(join(root, 'versions', cached.digest, 'manifest.json'), at, at);
  return cached;
}

async function found(...keys: readonly string[]): Promise<string[]> {
  const isFound = await Promise.all(keys.map((key) => new ModelCache(root, { maxBytes: 30, arrivalMs: 0 }).find(key)));
  return keys.filter((_, index) => isFound[index] !== undefined);
}

const digests = (): string[] => readdirSync(join(root, 'versions'));
const needed = (...versions: readonly CachedFiles[]): Set<string> => new Set(versions.map(({ digest }) => digest));

describe('a bounded model cache', () => {
  it('removes the version that was not used for the longest time before one comes that does not fit', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await store(name);
    expect(await found('a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd']);
  });

  it('takes finding a version for using it', async () => {
    for (const name of ['a', 'b', 'c']) await store(name);
    await cache.find('a');
    await cache.keepUp();
    await store('d');
    expect(await found('a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd']);
  });

  it('takes being needed for using it', async () => {
    const [a] = [await store('a'), await store('b'), await store('c')];
    needs.needed = needed(a);
    await cache.keepUp();
    needs.needed = new Set();
    await store('d');
    expect(await found('a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd']);
  });

  it('removes as many as it takes, and nothing while there is room', async () => {
    for (const name of ['a', 'b', 'c']) await store(name);
    await storeVersion(cache, 'x'.repeat(20), { filesKey: 'large' });
    expect(await found('a', 'b', 'c', 'large')).toEqual(['c', 'large']);
  });

  it('never removes what is needed, and says what takes the room', async () => {
    needs.needed = needed(await store('a'), await store('b'));
    await store('c');
    await expect(storeVersion(cache, 'x'.repeat(15))).rejects.toMatchObject({
      code: 'storage-failed',
      message:
        'The model cache has no room for the 15 bytes of the version: UNDERSTUDY_CACHE_BYTES allows 30, and 20 are taken by ' +
        'versions that are needed, in use or being fetched. Nothing was changed. Raise it, or take versions out of their slots first',
    });
    expect(await found('a', 'b')).toEqual(['a', 'b']);
    expect(readdirSync(join(root, 'staging'))).toEqual([]);
  });

  it('keeps what any of several needs', async () => {
    const others = new NeededInTest();
    cache.neededBy(others);
    needs.needed = needed(await store('a'));
    others.needed = needed(await store('b'));
    await store('c');
    await storeVersion(cache, 'x'.repeat(10));
    expect(await found('a', 'b', 'c')).toEqual(['a', 'b']);
  });

  it('removes nothing while one of them cannot say what it needs, nor before anybody said anything', async () => {
    for (const name of ['a', 'b', 'c']) await store(name);
    needs.needed = null;
    await expect(store('d')).rejects.toMatchObject({ code: 'storage-failed' });
    const unknowing = new ModelCache(root, { maxBytes: 30, arrivalMs: 0 });
    await expect(store('d', 'd', unknowing)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(await found('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  });

  it('removes nothing in vain: not for a version that would not fit even then', async () => {
    await store('a');
    await expect(storeVersion(cache, 'x'.repeat(31))).rejects.toMatchObject({
      code: 'storage-failed',
      details: { wantedBytes: 31, takenBytes: 0, maxBytes: 30 },
    });
    expect(await found('a')).toEqual(['a']);
  });

  it('keeps a version that may be on its way into a slot', async () => {
    const patient = await open({ arrivalMs: 60_000 });
    for (const name of ['a', 'b', 'c']) await store(name, name, patient.cache);
    await expect(store('d', 'd', patient.cache)).rejects.toMatchObject({ code: 'storage-failed' });
    patient.needs.needed = new Set(digests());
    await patient.cache.keepUp();
    patient.needs.needed = new Set();
    await store('d', 'd', patient.cache);
    expect(await found('d')).toEqual(['d']);
    expect(digests()).toHaveLength(3);
  });

  it('counts what others are fetching: who asked first gets the room', async () => {
    needs.needed = needed(await store('a'), await store('b'));
    const [first, second] = [await cache.stage(), await cache.stage()];
    await cache.reserve(first, 10);
    await expect(cache.reserve(second, 10)).rejects.toMatchObject({ code: 'storage-failed' });
    await first.discard();
    await cache.reserve(second, 10);
    await second.discard();
    expect(readdirSync(join(root, 'staging'))).toEqual([]);
  });

  it('bounds a version whose sizes the registry does not list when they are known', async () => {
    needs.needed = needed(await store('a'), await store('b'));
    await expect(storeVersion(cache, 'x'.repeat(11), { isListed: false })).rejects.toMatchObject({
      code: 'storage-failed',
    });
    await storeVersion(cache, 'x'.repeat(10), { isListed: false });
    expect(digests()).toHaveLength(3);
  });

  it('forgets which keys named what it removed', async () => {
    await store('a', 'one');
    await store('a', 'two');
    await storeVersion(cache, 'x'.repeat(30), { filesKey: 'three' });
    expect(readdirSync(join(root, 'keys'))).toHaveLength(1);
  });

  it('comes back within the bound at its upkeep when that was lowered', async () => {
    for (const name of ['a', 'b', 'c']) await store(name);
    await cache.letGo();
    const smaller = await open({ maxBytes: 15 });
    await smaller.cache.keepUp();
    expect(await found('a', 'b', 'c')).toEqual(['c']);
  });

  it('[case 114] clears away at its upkeep what another process left that is gone', async () => {
    const left = join(root, 'staging', 'another.host-1-x');
    mkdirSync(left);
    utimesSync(left, new Date(0), new Date(0));
    await cache.keepUp();
    expect(readdirSync(join(root, 'staging'))).toEqual([]);
  });

  it('[case 115] removes first what has no list of files, which nobody can use', async () => {
    const [a, b] = [await store('a'), await store('b')];
    const spoilt = await store('c');
    rmSync(join(root, 'versions', spoilt.digest, 'manifest.json'));
    await store('d');
    expect(digests().sort()).toEqual([a.digest, b.digest, expect.any(String)].sort());
    expect(digests()).not.toContain(spoilt.digest);
  });
});

describe('the use of the cache', () => {
  it('is what is stored, least recently used first', async () => {
    const [a, b] = [await store('a'), await store('b')];
    expect(await cache.usage()).toEqual({
      bytes: 20,
      maxBytes: 30,
      versions: [
        { digest: a.digest, bytes: 10, lastUsedAt: new Date('2020-01-01T00:00:00Z') },
        { digest: b.digest, bytes: 10, lastUsedAt: new Date('2020-01-01T00:00:01Z') },
      ],
    });
  });

  it('does not count what is being written', async () => {
    const staged = await cache.stage();
    await cache.reserve(staged, 10);
    writeFileSync(staged.locate('model.onnx'), 'x');
    expect(await cache.usage()).toEqual({ bytes: 0, maxBytes: 30, versions: [] });
  });

  it('says what the disk says when it cannot be read', async () => {
    rmSync(root, { recursive: true });
    await expect(cache.usage()).rejects.toMatchObject({ code: 'storage-failed' });
  });
});
