import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ROOMY } from '../../../../test/support/roomy-cache';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import type { CachedFiles } from './cached-files';
import { ModelCache } from './model-cache';
import type { StagedVersion } from './staged-version';

const LIMITS = { expectedBytes: null, mostBytes: 1000 };
const FILES = { MLmodel: 'flavors: {}', 'data/weights.bin': 'weights', 'model.onnx': 'graph' };

const folder = temporaryFolder('cache');
let root: string;
let count = 0;

beforeEach(() => {
  root = join(folder.path, String(count++));
});

afterAll(() => {
  folder.remove();
});

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function openCache(): Promise<ModelCache> {
  const cache = new ModelCache(root, ROOMY);
  await cache.prepare();
  return cache;
}

async function stage(cache: ModelCache, files: Readonly<Record<string, string>>): Promise<StagedVersion> {
  const staged = await cache.stage();
  for (const [path, text] of Object.entries(files))
    await staged.write(
      path,
      async () => once(text),
      LIMITS,
      () => undefined,
    );
  return staged;
}

const store = async (
  cache: ModelCache,
  key?: string,
  files: Readonly<Record<string, string>> = FILES,
): Promise<CachedFiles> => cache.commit(await stage(cache, files), key);

const inStaging = (): string[] => readdirSync(join(root, 'staging'));
const stored = (): string[] => readdirSync(join(root, 'versions'));

describe('the model cache', () => {
  it('keeps the files of a version under a digest of their contents', async () => {
    const cache = await openCache();
    const cached = await store(cache, 'key');
    expect(cached.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['MLmodel', 11],
      ['data/weights.bin', 7],
      ['model.onnx', 5],
    ]);
    expect(stored()).toEqual([cached.digest]);
    expect(readFileSync(join(cached.directory, 'data/weights.bin'), 'utf8')).toBe('weights');
    expect(await cache.find('key')).toEqual(cached);
    expect(inStaging()).toEqual([]);
  });

  it('is for this user only', async () => {
    const { directory } = await store(await openCache());
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'model.onnx')).mode & 0o777).toBe(0o600);
  });

  it('keeps the same files once, in whatever order they came, and other files apart', async () => {
    const cache = await openCache();
    const first = await store(cache, 'one');
    const second = await store(cache, 'two', Object.fromEntries(Object.entries(FILES).reverse()));
    expect(second).toEqual(first);
    const other = await store(cache, 'three', { ...FILES, 'model.onnx': 'grapH' });
    expect(other.digest).not.toBe(first.digest);
    expect([...stored()].sort()).toEqual([first.digest, other.digest].sort());
    expect(inStaging()).toEqual([]);
  });

  it('[case 66] keeps what a key meant before until new bytes come, and then both', async () => {
    const cache = await openCache();
    const before = await store(cache, 'key');
    const after = await store(cache, 'key', { 'model.onnx': 'changed' });
    expect(await cache.find('key')).toEqual(after);
    expect(await cache.verified(before.digest)).toEqual(before);
  });

  it('[case 115] tells which file of a version is not what was stored', async () => {
    const { directory, digest } = await store(await openCache(), 'key');
    const told: string[][] = [];
    const onDamaged = (...which: string[]): void => {
      told.push(which);
    };
    const cache = new ModelCache(root, { ...ROOMY, onDamaged });
    await cache.find('key');
    expect(told).toEqual([]);
    rmSync(join(directory, 'data/weights.bin'));
    await cache.find('key');
    appendFileSync(join(directory, '../manifest.json'), ' ');
    await cache.find('key');
    expect(told).toEqual([
      [digest, 'data/weights.bin'],
      [digest, 'manifest.json'],
    ]);
  });

  it('remembers nothing of a version without a key', async () => {
    const cached = await store(await openCache());
    expect(readdirSync(join(root, 'keys'))).toEqual([]);
    expect(await new ModelCache(root, ROOMY).verified(cached.digest)).toEqual(cached);
  });

  it.each(['../../etc', 'a/b', '\u0000', '', 'x'.repeat(10_000)])('takes any text for a key: %j', async (key) => {
    const cache = await openCache();
    const cached = await store(cache, key);
    expect(await cache.find(key)).toEqual(cached);
    expect(await cache.find(`${key}.`)).toBeUndefined();
    expect(readdirSync(join(root, 'keys'))).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it.each(['', '..', '../versions', 'f'.repeat(63), 'F'.repeat(64)])(
    'has nothing under the digest %j',
    async (digest) => {
      expect(await (await openCache()).verified(digest)).toBeUndefined();
    },
  );

  it('shows nothing of a version that is being written', async () => {
    const cache = await openCache();
    const staged = await stage(cache, FILES);
    expect(stored()).toEqual([]);
    expect(await cache.find('key')).toBeUndefined();
    await staged.discard();
    expect(inStaging()).toEqual([]);
  });

  it('is made again when somebody empties it while the server runs', async () => {
    const cache = await openCache();
    await store(cache, 'key');
    rmSync(root, { recursive: true });
    expect(await cache.find('key')).toBeUndefined();
    const cached = await store(cache, 'key');
    expect(await cache.find('key')).toEqual(cached);
  });
});

describe('[case 115] files of the cache that are not what they were', () => {
  const spoilt: [string, (cached: CachedFiles) => void][] = [
    [
      'a file was changed, its size kept',
      ({ directory }) => {
        writeFileSync(join(directory, 'model.onnx'), 'GRAPH');
      },
    ],
    [
      'a file was cut',
      ({ directory }) => {
        writeFileSync(join(directory, 'model.onnx'), '');
      },
    ],
    [
      'a file was made longer',
      ({ directory }) => {
        appendFileSync(join(directory, 'MLmodel'), ' ');
      },
    ],
    [
      'a file was deleted',
      ({ directory }) => {
        rmSync(join(directory, 'data/weights.bin'));
      },
    ],
    [
      'a folder is in the place of a file',
      ({ directory }) => {
        rmSync(join(directory, 'model.onnx'));
        mkdirSync(join(directory, 'model.onnx'));
      },
    ],
    [
      'the list of files was changed',
      ({ directory }) => {
        appendFileSync(join(directory, '../manifest.json'), ' ');
      },
    ],
    [
      'the list of files is no JSON',
      ({ directory }) => {
        writeFileSync(join(directory, '../manifest.json'), '[');
      },
    ],
    [
      'the list of files is gone',
      ({ directory }) => {
        rmSync(join(directory, '../manifest.json'));
      },
    ],
    [
      'a file is a symbolic link to the same bytes',
      ({ directory }) => {
        renameSync(join(directory, 'model.onnx'), join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), join(directory, 'model.onnx'));
      },
    ],
    [
      'a file has a second name',
      ({ directory }) => {
        linkSync(join(directory, 'model.onnx'), join(root, 'second'));
      },
    ],
    [
      'a folder of files is a symbolic link to the same files',
      ({ directory }) => {
        renameSync(join(directory, 'data'), join(root, 'data'));
        symlinkSync(join(root, 'data'), join(directory, 'data'));
      },
    ],
    [
      'the version is a file',
      ({ directory }) => {
        rmSync(join(directory, '..'), { recursive: true });
        writeFileSync(join(directory, '..'), 'x');
      },
    ],
    [
      'the version is empty',
      ({ directory }) => {
        rmSync(join(directory, '..'), { recursive: true });
        mkdirSync(join(directory, '..'));
      },
    ],
  ];

  it.each(spoilt)('are not found, and stored again: %s', async (_, spoil) => {
    const cache = await openCache();
    const cached = await store(cache, 'key');
    spoil(cached);
    expect(await cache.find('key')).toBeUndefined();
    expect(await store(cache, 'key')).toEqual(cached);
    expect(await cache.find('key')).toEqual(cached);
    expect(readFileSync(join(cached.directory, 'model.onnx'), 'utf8')).toBe('graph');
    expect(inStaging()).toEqual([]);
  });

  it('are not found when the key names no digest', async () => {
    const cache = await openCache();
    await store(cache, 'key');
    const [key = ''] = readdirSync(join(root, 'keys'));
    writeFileSync(join(root, 'keys', key), '../../etc');
    expect(await cache.find('key')).toBeUndefined();
  });
});

describe('a cache that several processes share', () => {
  it('has the version once when all store it at the same time, and all may use it', async () => {
    const caches = await Promise.all(Array.from({ length: 4 }, openCache));
    const staged = await Promise.all(caches.map((cache) => stage(cache, FILES)));
    const cached = await Promise.all(caches.map((cache, index) => cache.commit(staged[index] as StagedVersion, 'key')));
    expect(new Set(cached.map(({ digest }) => digest)).size).toBe(1);
    for (const cache of caches) expect(await cache.find('key')).toEqual(cached[0]);
    expect(stored()).toHaveLength(1);
    expect(inStaging()).toEqual([]);
  });

  it('keeps files that are right in place while another stores the same', async () => {
    const cache = await openCache();
    const cached = await store(cache);
    const before = statSync(join(cached.directory, 'model.onnx')).ino;
    await store(new ModelCache(root, ROOMY), 'key');
    expect(statSync(join(cached.directory, 'model.onnx')).ino).toBe(before);
  });

  it('replaces spoilt files whoever comes first', async () => {
    const cache = await openCache();
    const cached = await store(cache, 'key');
    writeFileSync(join(cached.directory, 'model.onnx'), 'GRAPH');
    const caches = [cache, new ModelCache(root, ROOMY), new ModelCache(root, ROOMY)];
    const again = await Promise.all(caches.map((each) => store(each, 'key')));
    expect(again).toEqual([cached, cached, cached]);
    expect(await cache.find('key')).toEqual(cached);
    expect(inStaging()).toEqual([]);
  });
});

describe('[case 114] what processes left half-written', () => {
  const owner = hostname().replace(/[^A-Za-z0-9.]/g, '_');

  async function leave(name: string, ageMs = 0): Promise<boolean> {
    mkdirSync(join(root, 'staging', name, 'files'), { recursive: true });
    writeFileSync(join(root, 'staging', name, 'files', 'model.onnx'), 'half');
    const touched = new Date(Date.now() - ageMs);
    utimesSync(join(root, 'staging', name), touched, touched);
    await openCache();
    return existsSync(join(root, 'staging', name));
  }

  it('is cleared away when the process is gone', async () => {
    const { pid } = spawnSync('true');
    expect(await leave(`${owner}-${pid}-x`)).toBe(false);
  });

  it('is kept while the process lives', async () => {
    expect(await leave(`${owner}-${process.ppid}-x`)).toBe(true);
    expect(await leave(`${owner}-1-x`, 48 * 3_600_000)).toBe(true);
  });

  it('is cleared away when it has the number of this process, which has written nothing yet', async () => {
    expect(await leave(`${owner}-${process.pid}-x`)).toBe(false);
  });

  it('of another machine is kept for a day', async () => {
    expect(await leave('another.host-1-x', 23 * 3_600_000)).toBe(true);
    expect(await leave('another.host-1-x', 25 * 3_600_000)).toBe(false);
  });

  it('is cleared away with nothing else', async () => {
    const cached = await store(await openCache(), 'key');
    mkdirSync(join(root, 'something else'));
    expect(await leave(`${owner}-${process.pid}-x`)).toBe(false);
    expect(await new ModelCache(root, ROOMY).find('key')).toEqual(cached);
    expect(existsSync(join(root, 'something else'))).toBe(true);
  });
});

describe('[case 113] a cache that cannot be written', () => {
  const failed = (message: unknown) => ({ code: 'storage-failed', message });

  it('because a file is in its place says so without the path', async () => {
    writeFileSync(root, '');
    const expected = failed(
      'The model cache could not be written: something that is no folder is in the way. Nothing was changed. ' +
        'Free space in the folder of UNDERSTUDY_DATA_DIR or name another',
    );
    await expect(new ModelCache(join(root, 'models'), ROOMY).prepare()).rejects.toMatchObject(expected);
    await expect(new ModelCache(join(root, 'models'), ROOMY).stage()).rejects.toMatchObject(expected);
  });

  it.each(['versions', 'keys'])('because %s became a file leaves nothing half-written', async (part) => {
    const cache = await openCache();
    const staged = await stage(cache, FILES);
    rmSync(join(root, part), { recursive: true });
    writeFileSync(join(root, part), '');
    await expect(cache.commit(staged, 'key')).rejects.toMatchObject(
      failed(expect.stringContaining('Nothing was changed')),
    );
    await staged.discard();
    expect(inStaging()).toEqual([]);
  });

  it('because of the disk says so when a file is written', async () => {
    const cache = await openCache();
    const staged = await cache.stage();
    mkdirSync(staged.locate('model.onnx'));
    const written = staged.write(
      'model.onnx',
      async () => once('x'),
      LIMITS,
      () => undefined,
    );
    await expect(written).rejects.toMatchObject(failed(expect.stringContaining('the system says EISDIR')));
    await staged.discard();
    expect(inStaging()).toEqual([]);
  });

  const onFullDevice = existsSync('/dev/full') ? it : it.skip;

  onFullDevice('because the disk is full says so when a file is written', async () => {
    const cache = await openCache();
    const staged = await cache.stage();
    symlinkSync('/dev/full', staged.locate('model.onnx'));
    const written = staged.write(
      'model.onnx',
      async () => once('x'),
      LIMITS,
      () => undefined,
    );
    await expect(written).rejects.toMatchObject(failed(expect.stringContaining('the disk is full')));
    await staged.discard();
    expect(inStaging()).toEqual([]);
  });
});
