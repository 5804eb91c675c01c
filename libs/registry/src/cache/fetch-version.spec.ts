import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@understudy/platform';
import { ROOMY } from '../../../../test/support/roomy-cache';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import type { ModelFile, ModelFiles, ResolvedVersion } from '../model-registry';
import { type FetchedVersion, fetchVersion, type FetchProgress } from './fetch-version';
import { ModelCache } from './model-cache';

const ML_MODEL = 'flavors: {onnx: {data: model.onnx}, python_function: {}}';
const FILES = { MLmodel: ML_MODEL, 'model.onnx': 'graph', 'weights/all.bin': 'weights' };
const folder = temporaryFolder('fetch');
let root: string;
let cache: ModelCache;
let count = 0;

type Content = string | (() => AsyncIterable<Uint8Array>);

/** Files of a version in memory, which can be listed and sent otherwise than they are. */
class FilesInMemory implements ModelFiles {
  readonly opened: string[] = [];

  constructor(
    private readonly contents: Readonly<Record<string, Content>>,
    private readonly listed: Readonly<Record<string, number | null>> = {},
  ) {}

  async list(): Promise<readonly ModelFile[]> {
    return Object.entries(this.contents).map(([path, content]) => {
      const bytes = typeof content === 'string' ? Buffer.byteLength(content) : null;
      return { path, bytes: path in this.listed ? (this.listed[path] ?? null) : bytes };
    });
  }

  async open(path: string): Promise<AsyncIterable<Uint8Array>> {
    this.opened.push(path);
    const content = this.contents[path] as Content;
    return typeof content === 'string' ? chunksOf(content) : content();
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  for (const char of text) yield Buffer.from(char);
}

/** Sends half, then breaks; the given number of times, after which it is whole. */
function breaking(text: string, times: number): () => AsyncIterable<Uint8Array> {
  let left = times;
  return async function* () {
    yield Buffer.from(text.slice(0, text.length / 2));
    if (left-- > 0) throw new DomainError('registry-unavailable', 'the connection broke');
    yield Buffer.from(text.slice(text.length / 2));
  };
}

const version = (filesKey?: string): ResolvedVersion => ({
  requestedUri: 'models:/iris@champion',
  uri: 'models:/iris/3',
  name: 'iris',
  version: '3',
  filesKey,
});

interface Options {
  readonly filesKey?: string;
  readonly maxBytes?: number;
  readonly retries?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
}

const fetch = async (files: ModelFiles, options: Options = {}): Promise<FetchedVersion> =>
  fetchVersion(version(options.filesKey), async () => files, cache, {
    maxBytes: options.maxBytes ?? 1000,
    retries: options.retries ?? 0,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => undefined),
  });

/** Fails as described, and leaves nothing in the cache. */
async function expectRefused(fetching: Promise<unknown>, expected: unknown): Promise<void> {
  const thrown = await fetching.then(
    () => 'nothing',
    (error: unknown) => error,
  );
  expect(thrown).toEqual(expected);
  expect([readdirSync(join(root, 'staging')), readdirSync(join(root, 'versions'))]).toEqual([[], []]);
}

const refused = (code: string, message: unknown): unknown => expect.objectContaining({ code, message });

beforeEach(async () => {
  root = join(folder.path, String(count++));
  cache = new ModelCache(root, ROOMY);
  await cache.prepare();
});

afterAll(() => {
  folder.remove();
});

describe('fetching a version', () => {
  it('brings every file into the cache and says what its MLmodel file says', async () => {
    const fetched = await fetch(new FilesInMemory(FILES));
    expect(fetched).toMatchObject({ onnxPath: 'model.onnx', mlModel: { flavors: ['onnx', 'python_function'] } });
    for (const [path, text] of Object.entries(FILES))
      expect(readFileSync(join(fetched.directory, path), 'utf8')).toBe(text);
    expect(readdirSync(join(root, 'staging'))).toEqual([]);
  });

  it('takes a lone model.onnx', async () => {
    expect(await fetch(new FilesInMemory({ 'model.onnx': 'graph' }))).toMatchObject({
      onnxPath: 'model.onnx',
      mlModel: null,
    });
  });

  it('takes an empty file, and files whose sizes are not listed', async () => {
    const files = new FilesInMemory({ ...FILES, empty: '' }, { 'model.onnx': null, MLmodel: null });
    const { directory } = await fetch(files);
    expect(readFileSync(join(directory, 'empty'), 'utf8')).toBe('');
  });

  it('tells how far it is, of all bytes where the registry lists them', async () => {
    const seen: FetchProgress[] = [];
    await fetch(new FilesInMemory({ 'model.onnx': 'abc' }), { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3].map((bytes) => ({ bytes, totalBytes: 3 })));
    seen.length = 0;
    const files = new FilesInMemory({ 'model.onnx': 'x' }, { 'model.onnx': null });
    await fetch(files, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([{ bytes: 1, totalBytes: null }]);
  });

  it('reads the MLmodel file first, wherever it is listed', async () => {
    const files = new FilesInMemory({ 'model.onnx': 'graph', MLmodel: ML_MODEL });
    await fetch(files);
    expect(files.opened).toEqual(['MLmodel', 'model.onnx']);
  });

  it('asks the registry for nothing that the cache has under the same key', async () => {
    const first = await fetch(new FilesInMemory(FILES), { filesKey: 'key' });
    const again = new FilesInMemory({});
    expect(await fetch(again, { filesKey: 'key' })).toEqual(first);
    expect(again.opened).toEqual([]);
  });

  it('[case 115] asks again for files that were spoilt on disk', async () => {
    const first = await fetch(new FilesInMemory(FILES), { filesKey: 'key' });
    writeFileSync(join(first.directory, 'model.onnx'), 'GRAPH');
    const again = new FilesInMemory(FILES);
    expect(await fetch(again, { filesKey: 'key' })).toEqual(first);
    expect(again.opened).toHaveLength(3);
    expect(readFileSync(join(first.directory, 'model.onnx'), 'utf8')).toBe('graph');
  });
});

describe('a version that cannot be served', () => {
  it('is refused before its large files are fetched, with the command that exports it', async () => {
    const files = new FilesInMemory({ MLmodel: 'flavors: {sklearn: {}, python_function: {}}', 'model.pkl': 'x' });
    await expectRefused(
      fetch(files),
      refused(
        'model-not-servable',
        'version 3 of "iris" has flavors python_function, sklearn; none is onnx. ' +
          'Log it with mlflow.onnx.log_model, or run training/export_onnx.py --model-uri models:/iris/3',
      ),
    );
    expect(files.opened).toEqual(['MLmodel']);
  });

  it('is refused before its large files are fetched when the ONNX file is not among them', async () => {
    const files = new FilesInMemory({ MLmodel: ML_MODEL, 'other.onnx': 'graph' });
    await expectRefused(
      fetch(files),
      refused('model-not-servable', expect.stringContaining('has no model.onnx; found MLmodel, other.onnx')),
    );
    expect(files.opened).toEqual(['MLmodel']);
  });

  it.each([
    ['no files', {}, 'has no MLmodel or model.onnx; found no files'],
    ['[case 59] an archive', { 'model.zip': 'PK' }, 'has no MLmodel or model.onnx; found model.zip'],
    ['an MLmodel file that is none', { MLmodel: 'hello', 'model.onnx': 'x' }, 'it has no map of flavors'],
  ])('is refused with %s', async (_, contents: Readonly<Record<string, string>>, message) => {
    const files = new FilesInMemory(contents);
    await expectRefused(fetch(files), refused('model-not-servable', expect.stringContaining(message)));
  });

  it('[case 59] keeps an archive beside the model as it is', async () => {
    const { directory } = await fetch(new FilesInMemory({ ...FILES, 'extra.zip': 'PK' }));
    expect(readdirSync(directory).sort()).toEqual(['MLmodel', 'extra.zip', 'model.onnx', 'weights']);
  });

  it('is refused for an MLmodel file of more than 1 MiB without fetching it', async () => {
    const files = new FilesInMemory({ MLmodel: ML_MODEL }, { MLmodel: 2 ** 21 });
    await expectRefused(
      fetch(files, { maxBytes: 2 ** 30 }),
      refused('model-not-servable', expect.stringContaining('an MLmodel of 2097152 bytes')),
    );
    expect(files.opened).toEqual([]);
  });
});

describe('files that are not what the registry lists', () => {
  it('[case 53] are not fetched when a path leads outside', async () => {
    const outside = join(folder.path, 'outside');
    const files = new FilesInMemory({ ...FILES, '../../../../outside': 'evil' });
    await expectRefused(fetch(files), refused('unsafe-model-files', expect.any(String)));
    expect([files.opened, existsSync(outside)]).toEqual([[], false]);
  });

  it('[case 55] are given up at the first byte too many', async () => {
    let sent = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 4;
        yield Buffer.from('abcd');
      }
    };
    const files = new FilesInMemory({ 'model.onnx': endless }, { 'model.onnx': 10 });
    await expectRefused(
      fetch(files, { retries: 2 }),
      refused('registry-bad-answer', 'The registry sent more than the 10 bytes it listed for the file "model.onnx"'),
    );
    expect([files.opened, sent]).toEqual([['model.onnx'], 12]);
  });

  it('[case 55] without a size are given up at what all files may have together', async () => {
    const files = new FilesInMemory({ 'a.bin': 'x'.repeat(60), 'model.onnx': 'x'.repeat(60) }, { 'model.onnx': null });
    await expectRefused(
      fetch(files, { maxBytes: 100 }),
      refused(
        'unsafe-model-files',
        'The version was refused: its file "model.onnx" has more than the 40 bytes that are left for it; ' +
          'all files together may have UNDERSTUDY_MAX_MODEL_BYTES',
      ),
    );
  });

  it('[case 55] that come too short are asked for again, then refused', async () => {
    const files = new FilesInMemory({ 'model.onnx': 'graph' }, { 'model.onnx': 10 });
    await expectRefused(
      fetch(files, { retries: 2 }),
      refused('registry-unavailable', 'The registry listed 10 bytes for the file "model.onnx" and sent 5. Try again'),
    );
    expect(files.opened).toHaveLength(3);
  });
});

describe('a transfer that breaks', () => {
  it('[case 82] is begun again from the start, as often as allowed', async () => {
    const files = new FilesInMemory({ 'model.onnx': breaking('graph', 2) }, { 'model.onnx': 5 });
    const seen: number[] = [];
    const { directory } = await fetch(files, { retries: 2, onProgress: ({ bytes }) => seen.push(bytes) });
    expect(readFileSync(join(directory, 'model.onnx'), 'utf8')).toBe('graph');
    expect([files.opened.length, seen]).toEqual([3, [2, 2, 2, 5]]);
  });

  it('[case 82] more often than allowed leaves nothing', async () => {
    const files = new FilesInMemory({ 'model.onnx': breaking('graph', 3) }, { 'model.onnx': 5 });
    await expectRefused(fetch(files, { retries: 2 }), refused('registry-unavailable', 'the connection broke'));
    expect(files.opened).toHaveLength(3);
  });

  it('because of anything else is not begun again', async () => {
    const failure = new TypeError('a mistake');
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('g');
      throw failure;
    };
    const files = new FilesInMemory({ 'model.onnx': failing });
    await expectRefused(fetch(files, { retries: 2 }), failure);
    expect(files.opened).toHaveLength(1);
  });
});

describe('a fetch that is ended', () => {
  /** Sends a byte, tells so, then behaves like a connection whose request was aborted. */
  function until(signal: AbortSignal, begun: () => void): () => AsyncIterable<Uint8Array> {
    return async function* () {
      yield Buffer.from('g');
      begun();
      if (!signal.aborted) await once(signal, 'abort');
      throw new DomainError('registry-unavailable', 'canceled');
    };
  }

  it('by its caller gives the reason of the caller and leaves nothing', async () => {
    const controller = new AbortController();
    const reason = new Error('the server stops');
    const files = new FilesInMemory({
      'model.onnx': until(controller.signal, () => {
        controller.abort(reason);
      }),
    });
    await expectRefused(fetch(files, { signal: controller.signal, retries: 2 }), reason);
    expect(files.opened).toHaveLength(1);
  });

  it('[case 81] by its deadline says which setting that is, and leaves nothing', async () => {
    const controller = new AbortController();
    const files = new FilesInMemory({
      'model.onnx': until(controller.signal, () => {
        controller.abort(new DOMException('too late', 'TimeoutError'));
      }),
    });
    await expectRefused(
      fetch(files, { signal: controller.signal, retries: 2 }),
      refused('registry-unavailable', expect.stringContaining('UNDERSTUDY_FETCH_TIMEOUT_MS')),
    );
  });

  it('keeps a reason of its own that came at the same time', async () => {
    const controller = new AbortController();
    const tooLong = async function* (): AsyncGenerator<Uint8Array> {
      controller.abort(new DOMException('too late', 'TimeoutError'));
      yield Buffer.from('much');
    };
    const files = new FilesInMemory({ 'model.onnx': tooLong }, { 'model.onnx': 1 });
    await expectRefused(
      fetch(files, { signal: controller.signal }),
      refused('registry-bad-answer', expect.any(String)),
    );
  });
});

describe('[case 113] a fetch that the disk refuses', () => {
  it('opens no transfer and leaves nothing', async () => {
    const files = new FilesInMemory(FILES);
    const blocked = new ModelCache(join(root, 'file'), ROOMY);
    writeFileSync(join(root, 'file'), '');
    const fetching = fetchVersion(version(), async () => files, blocked, {
      maxBytes: 1000,
      retries: 0,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    await expectRefused(fetching, refused('storage-failed', expect.any(String)));
    expect(files.opened).toEqual([]);
  });
});
