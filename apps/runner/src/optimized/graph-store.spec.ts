import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphStore } from './graph-store';
import { processorOf } from './processor';

const KEY = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const THIRD = 'c'.repeat(64);

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'graph-store-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Keeps a graph whose weights have this many bytes. */
function keep(store: GraphStore, key: string, weightBytes = 100): boolean {
  const staged = store.stage();
  writeFileSync(join(staged, 'model.onnx'), 'graph');
  writeFileSync(join(staged, 'weights.bin'), Buffer.alloc(weightBytes, 1));
  return store.keep(staged, key);
}

describe('a graph that was kept', () => {
  it('is found under its key and no other, by a later process too', () => {
    expect(keep(new GraphStore(directory, 1000), KEY)).toBe(true);
    expect(new GraphStore(directory, 1000).find(KEY)).toBe(join(directory, KEY));
    expect(new GraphStore(directory, 1000).find(OTHER)).toBeUndefined();
  });

  it.each<[string, (folder: string) => void]>([
    [
      'its weights are longer',
      (folder) => {
        appendFileSync(join(folder, 'weights.bin'), 'x');
      },
    ],
    [
      'its weights are shorter',
      (folder) => {
        truncateSync(join(folder, 'weights.bin'), 50);
      },
    ],
    [
      'a byte of its weights is another',
      (folder) => {
        writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(100, 2));
      },
    ],
    [
      'its weights are missing',
      (folder) => {
        rmSync(join(folder, 'weights.bin'));
      },
    ],
    [
      'its graph is another',
      (folder) => {
        writeFileSync(join(folder, 'model.onnx'), 'grape');
      },
    ],
    [
      'its list is missing',
      (folder) => {
        rmSync(join(folder, 'manifest.json'));
      },
    ],
    [
      'its list is cut off',
      (folder) => {
        truncateSync(join(folder, 'manifest.json'), 20);
      },
    ],
    [
      'its list is empty',
      (folder) => {
        writeFileSync(join(folder, 'manifest.json'), '[]');
      },
    ],
    [
      'its list is something else',
      (folder) => {
        writeFileSync(join(folder, 'manifest.json'), '{"a":1}');
      },
    ],
    [
      'its list names a file elsewhere',
      (folder) => {
        writeFileSync(join(folder, 'manifest.json'), '[{"name":"../x","bytes":1,"sha256":""}]');
      },
    ],
    [
      'its weights are a link',
      (folder) => {
        renameSync(join(folder, 'weights.bin'), join(folder, 'real.bin'));
        symlinkSync(join(folder, 'real.bin'), join(folder, 'weights.bin'));
      },
    ],
    [
      'its weights have another name too',
      (folder) => {
        linkSync(join(folder, 'weights.bin'), join(directory, 'twin'));
      },
    ],
  ])('[case 115] is removed and not used when %s', (_, spoil) => {
    const store = new GraphStore(directory, 1000);
    keep(store, KEY);
    spoil(join(directory, KEY));
    expect(store.find(KEY)).toBeUndefined();
    expect(existsSync(join(directory, KEY))).toBe(false);
    expect(keep(store, KEY)).toBe(true);
  });

  it('stays as it is when another process keeps the same at the same time', () => {
    const store = new GraphStore(directory, 1000);
    const staged = store.stage();
    writeFileSync(join(staged, 'model.onnx'), 'graph');
    keep(store, KEY);
    expect(store.keep(staged, KEY)).toBe(false);
    expect(store.find(KEY)).toBeDefined();
    expect(readdirSync(directory)).toEqual([KEY]);
  });
});

describe('what graphs may take of the disk', () => {
  it('is bounded: the least recently used goes first', () => {
    const store = new GraphStore(directory, 1000);
    keep(store, KEY, 300);
    keep(store, OTHER, 300);
    const anHourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(directory, KEY), anHourAgo, anHourAgo);
    utimesSync(join(directory, OTHER), anHourAgo, anHourAgo);
    store.find(KEY);
    expect(keep(store, THIRD, 300)).toBe(true);
    expect(readdirSync(directory).sort()).toEqual([KEY, THIRD]);
  });

  it('is not spent on one that is larger than all may be', () => {
    const store = new GraphStore(directory, 1000);
    keep(store, KEY, 300);
    expect(store.hasRoomFor(1001)).toBe(false);
    expect(keep(store, OTHER, 1001)).toBe(false);
    expect(readdirSync(directory)).toEqual([KEY]);
  });

  it('is not asked of a disk that has not twice as much free', () => {
    expect(new GraphStore(directory, Number.MAX_SAFE_INTEGER).hasRoomFor(2 ** 52)).toBe(false);
  });

  it('[case 114] does not grow by what processes that are gone left half-written', () => {
    const gone = join(directory, 'staging-999999999-x');
    const mine = join(directory, `staging-${process.pid}-x`);
    for (const folder of [gone, mine]) mkdirSync(folder);
    new GraphStore(directory, 1000).stage();
    expect([existsSync(gone), existsSync(mine)]).toEqual([false, true]);
  });
});

describe('the processor that graphs are kept for', () => {
  const INFO =
    'processor\t: 0\nmodel name\t: CPU X\ncpu MHz\t\t: 2400.1\nflags\t\t: avx avx2\n\nprocessor\t: 1\nflags\t\t: none\n';

  it('is what it can do, not how fast it is just now', () => {
    expect(processorOf(INFO, 'X')).toBe(processorOf(INFO.replace('2400.1', '3000'), 'X'));
    expect(processorOf(INFO, 'X')).not.toBe(processorOf(INFO.replace('avx2', 'avx2 avx512f'), 'X'));
  });

  it('is its name where the system tells no more', () => {
    expect(processorOf(undefined, 'CPU Y')).toMatch(/\nCPU Y$/);
  });
});
