import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RegistrySettings } from '@understudy/platform';
import { FakeMlflow } from '../../../test/support/fake-mlflow/fake-mlflow';
import { breaksAfter, hangs } from '../../../test/support/fake-mlflow/misbehaviours';
import { registryOn } from '../../../test/support/fake-mlflow/registry-on';
import { mlModelText, ModelFolder } from '../../../test/support/model-folder';
import { ROOMY } from '../../../test/support/roomy-cache';
import { temporaryFolder } from '../../../test/support/temporary-folder';
import type { FetchedVersion, PinnedVersion } from './cache/fetch-version';
import { ModelCache } from './cache/model-cache';
import { FolderRegistry } from './folder/folder-registry';
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
  const settings = new RegistrySettings({ kind: 'folder', directory: '' }, fetchTimeoutMs, maxModelBytes, 1e9);
  return new ModelSource(registryOn(mlflow.url), new ModelCache(folder.path, ROOMY), settings);
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
    await expect(source.fetchPinned(other, () => undefined, signal)).rejects.toMatchObject({ code: 'version-changed' });
  });

  it('[case 55] takes no version of more than UNDERSTUDY_MAX_MODEL_BYTES', async () => {
    mlflow.publish('large', { ...FILES, 'weights.bin': 'x'.repeat(1000) });
    await expect(fetched(source, 'models:/large/1')).rejects.toMatchObject({
      code: 'unsafe-model-files',
      message: expect.stringContaining('UNDERSTUDY_MAX_MODEL_BYTES allows 1000'),
    });
  });
});

describe('a version whose bytes were settled before', () => {
  const pinnedAs = ({ digest }: FetchedVersion): PinnedVersion => ({
    uri: 'models:/iris/1',
    name: 'iris',
    version: '1',
    digest,
  });

  const fetchedAgain = async (pinned: PinnedVersion, from = source) =>
    from.fetchPinned(pinned, () => undefined, signal);

  const forget = (): void => {
    rmSync(join(folder.path, 'versions'), { recursive: true });
    mkdirSync(join(folder.path, 'versions'));
  };

  it('comes from the cache, complete, while the registry is gone', async () => {
    const version = await fetched(source);
    mlflow.behave();
    await mlflow.stop();
    expect(await fetchedAgain(pinnedAs(version))).toEqual(version);
    expect(version).toMatchObject({ onnxPath: 'model.onnx', mlModel: { flavors: ['onnx'] } });
    mlflow = await FakeMlflow.start();
  });

  it('[case 66] comes from the cache when it was deleted in the registry meanwhile', async () => {
    const version = await fetched(source);
    mlflow.store.deleteVersion('iris', 1);
    expect(await fetchedAgain(pinnedAs(version))).toEqual(version);
  });

  it('[case 115] is fetched again when its files in the cache were altered', async () => {
    const version = await fetched(source);
    appendFileSync(join(version.directory, 'model.onnx'), 'x');
    expect(await fetchedAgain(pinnedAs(version))).toEqual(version);
    mlflow.store.deleteVersion('iris', 1);
    appendFileSync(join(version.directory, 'model.onnx'), 'x');
    await expect(fetchedAgain(pinnedAs(version))).rejects.toMatchObject({ code: 'model-version-not-found' });
  });

  it('[case 66] is refused when the registry has other bytes for it now, and those are not kept', async () => {
    const version = await fetched(source);
    forget();
    mlflow.store.deleteVersion('iris', 1);
    mlflow.store.models.delete('iris');
    mlflow.publish('iris', { ...FILES, 'model.onnx': 'other' });
    const refused = fetchedAgain(pinnedAs(version));
    await expect(refused).rejects.toMatchObject({
      code: 'version-changed',
      message: expect.stringContaining("The registry's files of models:/iris/1 are not those that were loaded before"),
      details: { uri: 'models:/iris/1', expectedDigest: version.digest },
    });
    expect(readdirSync(join(folder.path, 'versions'))).toEqual([]);
    expect(readdirSync(join(folder.path, 'staging'))).toEqual([]);
  });

  it('[case 66] is taken again once a folder has the earlier bytes back', async () => {
    const models = new ModelFolder();
    const settings = new RegistrySettings({ kind: 'folder', directory: models.path }, 60_000, 1000, 1e9);
    const fromFolder = new ModelSource(new FolderRegistry(models.path), new ModelCache(folder.path, ROOMY), settings);
    models.publish('iris', 1, FILES);
    const version = await fetched(fromFolder);
    const model = join(models.path, 'iris', '1', 'model.onnx');
    renameSync(model, join(models.path, 'earlier'));
    writeFileSync(model, 'other');
    expect((await fetched(fromFolder)).digest).not.toBe(version.digest);
    forget();
    await expect(fetchedAgain(pinnedAs(version), fromFolder)).rejects.toMatchObject({ code: 'version-changed' });
    renameSync(join(models.path, 'earlier'), model);
    expect(await fetchedAgain(pinnedAs(version), fromFolder)).toEqual(version);
    models.remove();
  });

  it.each(['', '../../x', 'f'.repeat(64)])('under the digest %j is never found and never taken', async (digest) => {
    await expect(fetchedAgain({ ...pinnedAs(await fetched(source)), digest })).rejects.toMatchObject({
      code: 'version-changed',
    });
  });
});
