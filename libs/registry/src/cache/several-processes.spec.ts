import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contention } from '../../../../test/registry/cache-process';
import { NeededInTest, storeVersion } from '../../../../test/registry/store-version';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { ModelCache } from './model-cache';

const PROGRAM = [
  process.execPath,
  '--no-warnings',
  '--import',
  'tsx',
  join(process.cwd(), 'test', 'registry', 'cache-process.ts'),
];
const folder = temporaryFolder('processes');
const running: ChildProcess[] = [];
let root: string;
let count = 0;

beforeEach(() => {
  root = join(folder.path, String(count++));
  mkdirSync(root);
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

afterAll(() => {
  folder.remove();
});

interface Started {
  readonly child: ChildProcess;
  /** The first line that it wrote. */
  readonly said: unknown;
}

/** Starts a process on the folder. */
async function start(scenario: string): Promise<Started> {
  const [node = '', ...rest] = PROGRAM;
  return listen(spawn(node, [...rest, scenario, root], { stdio: ['ignore', 'pipe', 'inherit'] }));
}

async function listen(child: ChildProcess): Promise<Started> {
  running.push(child);
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${String(code)} and said nothing`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => undefined);
  return { child, said: JSON.parse(line) };
}

describe('several processes on one model cache', () => {
  it('remove nothing that another one uses, until that one is killed', async () => {
    const { child, said: held } = await start('hold');
    const cache = new ModelCache(root, { maxBytes: 1500, arrivalMs: 0 });
    const needs = new NeededInTest();
    cache.neededBy(needs);
    await expect(storeVersion(cache, 'x'.repeat(1000))).rejects.toMatchObject({
      code: 'storage-failed',
      details: { wantedBytes: 1000, takenBytes: 1000, maxBytes: 1500 },
    });
    expect(await cache.verified(String(held))).toBeDefined();

    const killed = once(child, 'exit');
    child.kill('SIGKILL');
    await killed;
    const { digest } = await storeVersion(cache, 'x'.repeat(1000));
    expect(readdirSync(join(root, 'versions'))).toEqual([digest]);
    expect(readdirSync(join(root, 'leases'))).toHaveLength(1);
  });

  it('never lose the files of a version under their feet, whatever the others remove, and stay within the bound', async () => {
    const said = await Promise.all([1, 2, 3].map(async () => (await start('contend')).said as Contention));
    expect(said.map(({ spoilt }) => spoilt)).toEqual([0, 0, 0]);
    for (const { served } of said) expect(served).toBeGreaterThan(0);
    const { bytes } = await new ModelCache(root, { maxBytes: 4000, arrivalMs: 0 }).usage();
    expect(bytes).toBeLessThanOrEqual(4000);
    expect([readdirSync(join(root, 'staging')), readdirSync(join(root, 'leases'))]).toEqual([[], []]);
  });
});

/** A disk of 1 MiB, for one process and what it starts. */
const ON_A_SMALL_DISK = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'];

describe('[case 113] a model cache on a full disk', () => {
  const mayMount = spawnSync('unshare', [...ON_A_SMALL_DISK, folder.path, 'true']).status === 0;
  if (!mayMount)
    console.warn('Skipped: a full disk. It needs unshare and the right to mount in a namespace of its own');

  (mayMount ? it : it.skip)('says so, keeps what it has, and makes room as soon as something can go', async () => {
    const child = spawn('unshare', [...ON_A_SMALL_DISK, root, ...PROGRAM, 'fillDisk', root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { said } = await listen(child);
    expect(said).toEqual({
      refused: [
        {
          code: 'storage-failed',
          message: expect.stringMatching(
            /^The disk of the model cache has room for \d+ bytes at most and the version needs 600000. Nothing was changed/,
          ),
        },
        {
          code: 'storage-failed',
          message: expect.stringMatching(
            /^The model cache could not be written: the disk is full. Nothing was changed/,
          ),
        },
      ],
      inStaging: [],
      keptIsFound: true,
      thenStored: [true, true],
    });
  });
});
