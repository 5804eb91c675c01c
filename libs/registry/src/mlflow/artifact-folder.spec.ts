import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FakeMlflow } from '../../../../test/support/fake-mlflow/fake-mlflow';
import {
  breaksAfter,
  fails,
  hangsAfter,
  type Misbehaviour,
  neverEnds,
  redirects,
  saysJson,
} from '../../../../test/support/fake-mlflow/misbehaviours';
import { type ClientSettings, registryOn } from '../../../../test/support/fake-mlflow/registry-on';
import { mlModelText } from '../../../../test/support/model-folder';
import { ROOMY } from '../../../../test/support/roomy-cache';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { fetchVersion } from '../cache/fetch-version';
import { ModelCache } from '../cache/model-cache';
import { parseModelUri } from '../model-uri';

const ML_MODEL = mlModelText({ onnx: { data: 'model.onnx' } });
const FILES = { MLmodel: ML_MODEL, 'model.onnx': 'g'.repeat(200_000) };
const LISTING = /artifacts\?path=/;
const MODEL_FILE = /model\.onnx/;
const isModelFile = ({ path }: { readonly path: string }): boolean => path.endsWith('model.onnx');
const folder = temporaryFolder('artifacts');
let count = 0;
let mlflow: FakeMlflow;
let root: string;

beforeEach(async () => {
  mlflow = await FakeMlflow.start();
  root = join(folder.path, String(count++));
});

afterEach(async () => {
  await mlflow.stop();
});

afterAll(() => {
  folder.remove();
});

async function fetchIt(
  settings: ClientSettings & { readonly signal?: AbortSignal; readonly retries?: number } = {},
  uri = 'models:/iris/1',
) {
  const { signal = new AbortController().signal, retries = 0 } = settings;
  const registry = registryOn(mlflow.url, settings);
  const cache = new ModelCache(join(root, 'cache'), ROOMY);
  await cache.prepare();
  const version = await registry.resolve(parseModelUri(uri), uri, signal);
  return fetchVersion(version, () => registry.files(version, signal), cache, {
    maxBytes: 2 ** 30,
    retries,
    signal,
    onProgress: () => undefined,
  });
}

/** The load fails as described; nothing is left behind, here or anywhere near. */
async function expectRefused(fetching: Promise<unknown>, expected: Readonly<Record<string, unknown>>): Promise<void> {
  const thrown = await fetching.then(
    () => 'nothing was refused',
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject(expected);
  expect(readdirSync(join(root, 'cache', 'staging'))).toEqual([]);
  expect(readdirSync(join(root, 'cache', 'versions'))).toEqual([]);
  expect(readdirSync(root)).toEqual(['cache']);
}

const listsBeside = (...entries: object[]): Misbehaviour =>
  saysJson({
    files: [
      { path: 'MLmodel', is_dir: false, file_size: ML_MODEL.length },
      { path: 'model.onnx', is_dir: false, file_size: FILES['model.onnx'].length },
      ...entries,
    ],
  });

describe('a listing of artifacts', () => {
  it.each([
    '../../etc/x',
    '/etc/passwd',
    '..',
    '..%2fx',
    '%2e%2e',
    '%252e%252e%252fx',
    '%2%0952e',
    '..\\x',
    'C:\\x',
    '\\\\server\\share',
    'a\u0000b',
    '',
    '.',
  ])('[case 53] with a file called %j is refused, and nothing is written', async (path) => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, listsBeside({ path, is_dir: false, file_size: 1 }));
    await expectRefused(fetchIt(), { code: 'unsafe-model-files' });
    expect(mlflow.requests.filter((request) => request.path.includes('/artifacts/'))).toEqual([]);
  });

  it.each(['con', 'x'.repeat(300), 'a\nb', '-rf'])('[case 57] with a file called %j is refused', async (path) => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, listsBeside({ path, is_dir: false, file_size: 1 }));
    await expectRefused(fetchIt(), { code: 'unsafe-model-files' });
  });

  it.each([
    ['a folder that holds itself', { path: 'a', is_dir: true }],
    ['a folder called like the one it is in', { path: 'again', is_dir: true }],
  ])('[case 54] with %s ends after 20 levels', async (_, entry) => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, saysJson({ files: [entry] }));
    await expectRefused(fetchIt(), { code: 'unsafe-model-files', message: expect.stringContaining('deeper than 20') });
    expect(mlflow.requests.length).toBeLessThan(30);
  });

  it('[case 54] with a path that is a file and a folder is refused', async () => {
    mlflow.publish('iris', { ...FILES, 'a/b': '' });
    const first = listsBeside({ path: 'a', is_dir: true }, { path: 'A', is_dir: false, file_size: 1 });
    mlflow.at(LISTING, first, 1);
    await expectRefused(fetchIt(), {
      code: 'unsafe-model-files',
      message: expect.stringContaining('both a file and a folder'),
    });
  });

  it('[case 54] with the same path twice is refused', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, listsBeside({ path: 'model.onnx', is_dir: true }));
    await expectRefused(fetchIt(), {
      code: 'registry-bad-answer',
      message: expect.stringContaining('it lists "model.onnx" twice'),
    });
  });

  it('[case 54] of more than 10,000 entries is refused', async () => {
    mlflow.publish('iris', FILES);
    const entries = Array.from({ length: 10_001 }, (_, index) => ({ path: String(index), is_dir: true }));
    mlflow.at(LISTING, saysJson({ files: entries }), 1);
    await expectRefused(fetchIt(), {
      code: 'registry-bad-answer',
      message: expect.stringContaining('more than 10000'),
    });
    expect(mlflow.requests.length).toBeLessThan(10);
  });

  it('asks for no further folder once one could not be listed', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, fails(400, 'no'));
    mlflow.at(
      LISTING,
      saysJson({ files: Array.from({ length: 2000 }, (_, index) => ({ path: String(index), is_dir: true })) }),
      1,
    );
    await expectRefused(fetchIt(), { code: 'registry-bad-answer' });
    const asked = mlflow.requests.length;
    expect(asked).toBeLessThan(20);
    await fetch(`${mlflow.url}/wait`);
    expect(mlflow.requests.length).toBeLessThan(asked + 10);
  });

  it.each([
    ['is empty', saysJson({}), 'model-not-servable'],
    ['is no listing', saysJson({ files: 'many' }), 'registry-bad-answer'],
    ['has entries without a path', saysJson({ files: [{}] }), 'registry-bad-answer'],
    ['has a fractional size', listsBeside({ path: 'a', file_size: 1.5 }), 'unsafe-model-files'],
    ['[case 55] has a negative size', listsBeside({ path: 'a', file_size: -1 }), 'unsafe-model-files'],
    ['[case 55] has 10 GB', listsBeside({ path: 'a', file_size: 1e10 }), 'unsafe-model-files'],
    ['is not there', fails(404), 'model-not-servable'],
    ['is switched off (--no-serve-artifacts)', fails(503, 'disabled: --no-serve-artifacts'), 'registry-unavailable'],
  ])('that %s is told as such', async (_, misbehaviour, code) => {
    mlflow.publish('iris', FILES);
    mlflow.at(LISTING, misbehaviour);
    await expectRefused(fetchIt(), { code });
  });
});

describe('a file of an artifact folder', () => {
  it('[case 55] that is longer than listed is given up, however long it is', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(MODEL_FILE, neverEnds);
    await expectRefused(fetchIt({ retries: 2 }), {
      code: 'registry-bad-answer',
      message: expect.stringContaining('more than the 200000 bytes it listed'),
    });
    expect(mlflow.requests.filter(isModelFile)).toHaveLength(1);
  });

  it('[case 55] that is shorter than listed is asked for again, then refused', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(MODEL_FILE, (_, response) => response.writeHead(200).end('short'));
    await expectRefused(fetchIt({ retries: 2 }), {
      code: 'registry-unavailable',
      message: expect.stringContaining('listed 200000 bytes for the file "model.onnx" and sent 5'),
    });
    expect(mlflow.requests.filter(isModelFile)).toHaveLength(3);
  });

  it('[case 82] whose connection breaks is fetched again from the start', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(MODEL_FILE, breaksAfter(198_000), 2);
    expect((await fetchIt({ retries: 2 })).files.map(({ bytes }) => bytes)).toEqual([ML_MODEL.length, 200_000]);
  });

  it('[case 81] that stops coming is given up', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(MODEL_FILE, hangsAfter(1000));
    await expectRefused(fetchIt({ requestTimeoutMs: 100 }), {
      code: 'registry-unavailable',
      message: expect.stringContaining('no byte came for 100 ms'),
    });
  });

  it('[case 81] is given up at the deadline of the fetch', async () => {
    mlflow.publish('iris', FILES);
    const deadline = new AbortController();
    mlflow.at(MODEL_FILE, (answer, response) => {
      hangsAfter(1000)(answer, response);
      deadline.abort(new DOMException('too late', 'TimeoutError'));
    });
    await expectRefused(fetchIt({ signal: deadline.signal, requestTimeoutMs: 600_000 }), {
      code: 'registry-unavailable',
      message: expect.stringContaining('UNDERSTUDY_FETCH_TIMEOUT_MS'),
    });
  });

  it('[case 66] that was deleted midway is told as missing', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(MODEL_FILE, fails(404, '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}'));
    await expectRefused(fetchIt(), {
      code: 'model-not-servable',
      message: 'The registry does not have the file "model.onnx", which the version should hold',
    });
  });

  it('[case 63] is not fetched from another server, and no token goes there', async () => {
    const other = await FakeMlflow.start();
    try {
      mlflow.publish('iris', FILES);
      mlflow.at(MODEL_FILE, redirects(302, `${other.origin}/model.onnx`));
      await expectRefused(fetchIt({ token: 'canary-token' }), { code: 'registry-bad-answer' });
      expect(other.requests).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

describe('[case 60] files that are kept elsewhere', () => {
  it.each([
    'file:///etc/passwd',
    '/etc',
    'dbfs:/model',
    's3://bucket/model',
    'models:/iris/1',
    'runs:/5c5c/model',
    'http://169.254.169.254/latest',
    'https://evil.example/api/2.0/mlflow-artifacts/artifacts/1/x',
    'mlflow-artifacts://evil.example/1/x',
    'mlflow-artifacts://ann:canary-password@evil.example/1/x',
    'mlflow-artifacts:/../../etc',
    'mlflow-artifacts:/1/%2e%2e/%2e%2e/etc',
    'mlflow-artifacts:/',
    'unknown',
    '',
  ])('are not read: %j', async (downloadUri) => {
    const { requests } = mlflow;
    mlflow.publish('iris', FILES, { downloadUri, source: downloadUri });
    const fetching = fetchIt();
    await expectRefused(fetching, { code: 'unsafe-model-files' });
    await expect(fetching).rejects.not.toMatchObject({ message: expect.stringContaining('canary-password') });
    expect(requests.filter(({ path }) => path.includes('mlflow-artifacts'))).toEqual([]);
  });

  it.each([
    ['the scheme alone', (rootPath: string) => `mlflow-artifacts:/${rootPath}`],
    ['its own address', (rootPath: string, host: string) => `mlflow-artifacts://${host}/${rootPath}`],
    ['doubled slashes', (rootPath: string) => `mlflow-artifacts:///${rootPath.replaceAll('/', '//')}/`],
    [
      'its own URL',
      (rootPath: string, host: string) => `http://${host}/api/2.0/mlflow-artifacts/artifacts/${rootPath}`,
    ],
  ])('by %s are its own and are read', async (_, uriOf) => {
    const { root: rootPath } = mlflow.publish('other', FILES);
    mlflow.publish('iris', {}, { downloadUri: uriOf(rootPath, new URL(mlflow.url).host) });
    expect((await fetchIt()).onnxPath).toBe('model.onnx');
  });
});

describe('files that the server reads on behalf of a run', () => {
  it('are refused when the server lists those of another folder', async () => {
    const older = await FakeMlflow.start({ layout: '2.x', servesArtifacts: false });
    await mlflow.stop();
    mlflow = older;
    older.publish('iris', FILES);
    older.at(/artifacts\/list/, saysJson({ files: [{ path: 'secret/MLmodel', is_dir: false }] }));
    await expectRefused(fetchIt(), { code: 'registry-bad-answer', message: expect.stringContaining('another folder') });
    older.at(/artifacts\/list/, saysJson({ files: [{ path: 'model/../../x', is_dir: false }] }));
    await expectRefused(fetchIt(), { code: 'unsafe-model-files' });
  });
});
