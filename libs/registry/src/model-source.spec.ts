import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RegistrySettings } from '@understudy/platform';
import { FakeMlflow } from '../../../test/support/fake-mlflow/fake-mlflow';
import { breaksAfter, hangs } from '../../../test/support/fake-mlflow/misbehaviours';
import { registryOn } from '../../../test/support/fake-mlflow/registry-on';
import { mlModelText } from '../../../test/support/model-folder';
import { temporaryFolder } from '../../../test/support/temporary-folder';
import { ModelCache } from './cache/model-cache';
import { ModelSource } from './model-source';

const FILES = { MLmodel: mlModelText({ onnx: { data: 'model.onnx' } }), 'model.onnx': 'graph' };
const signal = new AbortController().signal;
const folder = temporaryFolder('source');
let mlflow: FakeMlflow;
let source: ModelSource;

beforeEach(async () => {
  mlflow = await FakeMlflow.start();
  mlflow.publish('iris', FILES);
  source = sourceWith({ fetchTimeoutMs: 60_000, maxModelBytes: 1000 });
  await source.onModuleInit();
});

afterEach(async () => {
  await mlflow.stop();
});

afterAll(() => {
  folder.remove();
});

function sourceWith({ fetchTimeoutMs, maxModelBytes }: { fetchTimeoutMs: number; maxModelBytes: number }): ModelSource {
  const settings = new RegistrySettings({ kind: 'folder', directory: '' }, fetchTimeoutMs, maxModelBytes);
  return new ModelSource(registryOn(mlflow.url), new ModelCache(folder.path), settings);
}

const fetched = async (from: ModelSource, uri = 'models:/iris/1') =>
  from.fetch(await from.resolve(uri, signal), () => undefined, signal);

describe('the source of models', () => {
  it('brings a model URI to files on this machine, over a connection that breaks twice', async () => {
    mlflow.at(/model\.onnx/, breaksAfter(2), 2);
    const version = await fetched(source);
    expect(readdirSync(version.directory).sort()).toEqual(['MLmodel', 'model.onnx']);
    expect(await fetched(source)).toEqual(version);
  });

  it('[case 60] refuses what is no model URI before it asks the registry', async () => {
    await expect(source.resolve('file:///etc/passwd', signal)).rejects.toMatchObject({ code: 'invalid-model-uri' });
    expect(mlflow.requests).toEqual([]);
  });

  it('[case 81] gives a fetch up when UNDERSTUDY_FETCH_TIMEOUT_MS is over', async () => {
    mlflow.publish('slow', FILES);
    mlflow.at(/artifacts\?/, hangs);
    const hurried = sourceWith({ fetchTimeoutMs: 100, maxModelBytes: 1000 });
    await expect(fetched(hurried, 'models:/slow/1')).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('UNDERSTUDY_FETCH_TIMEOUT_MS'),
    });
    expect(readdirSync(join(folder.path, 'staging'))).toEqual([]);
  });

  it('brings a pinned version from the cache without the registry, and refuses other files under its name', async () => {
    const version = await source.resolve('models:/iris/1', signal);
    const { digest } = await source.fetch(version, () => undefined, signal);
    const asked = mlflow.requests.length;
    const again = await source.fetchPinned({ ...version, digest }, () => undefined, signal);
    expect([again.digest, mlflow.requests.length]).toEqual([digest, asked]);
    const other = { ...version, digest: 'ab'.repeat(32) };
    await expect(source.fetchPinned(other, () => undefined, signal)).rejects.toMatchObject({
      code: 'version-changed',
      message: expect.stringContaining(`(digest ${digest}, expected ${'ab'.repeat(32)})`),
    });
  });

  it('[case 55] takes no version of more than UNDERSTUDY_MAX_MODEL_BYTES', async () => {
    mlflow.publish('large', { ...FILES, 'weights.bin': 'x'.repeat(1000) });
    await expect(fetched(source, 'models:/large/1')).rejects.toMatchObject({
      code: 'unsafe-model-files',
      message: expect.stringContaining('UNDERSTUDY_MAX_MODEL_BYTES allows 1000'),
    });
  });
});
