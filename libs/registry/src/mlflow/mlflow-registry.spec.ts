import { FakeMlflow } from '../../../../test/support/fake-mlflow/fake-mlflow';
import type { StoredVersion } from '../../../../test/support/fake-mlflow/fake-store';
import { changes, fails, hangs, saysHtml, saysJson } from '../../../../test/support/fake-mlflow/misbehaviours';
import { registryOn } from '../../../../test/support/fake-mlflow/registry-on';
import { mlModelText } from '../../../../test/support/model-folder';
import type { ResolvedVersion } from '../model-registry';
import { parseModelUri } from '../model-uri';

const FILES = { MLmodel: mlModelText({ onnx: { data: 'model.onnx' } }), 'model.onnx': 'graph' };
const ALL = { pageSize: 100, pageToken: undefined };
const signal = new AbortController().signal;

let mlflow: FakeMlflow;

beforeEach(async () => {
  mlflow = await FakeMlflow.start();
});

afterEach(async () => {
  await mlflow.stop();
});

const resolve = async (uri: string, on = mlflow): Promise<ResolvedVersion> =>
  registryOn(on.url).resolve(parseModelUri(uri), uri, signal);
const pathsOf = async (uri: string, on = mlflow): Promise<string[]> => {
  const registry = registryOn(on.url);
  const files = await registry.files(await registry.resolve(parseModelUri(uri), uri, signal), signal);
  return (await files.list(signal)).map(({ path }) => path).sort();
};
const versions = async (name: string) => (await registryOn(mlflow.url).listVersions(name, ALL, signal)).items;
const codeOf = async (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => 'nothing was refused',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

/** The good answer with one member of the version changed. */
const withVersion = (change: Readonly<Record<string, unknown>>) =>
  changes((json) => {
    const { model_version: version } = json as { model_version: object };
    return { model_version: { ...version, ...change } };
  });

describe('an MLflow registry', () => {
  it('is called by its address, without credentials', () => {
    expect(registryOn('http://ann:secret@mlflow.example:5000/prefix/').description).toBe(
      'MLflow at http://mlflow.example:5000/prefix',
    );
  });

  it('resolves stages to the highest version in them', async () => {
    for (const stage of ['Production', 'Staging', 'Production', 'Archived']) mlflow.publish('iris', FILES, { stage });
    expect(await resolve('models:/iris/production')).toMatchObject({ version: '3' });
    expect(await resolve('models:/iris/latest')).toMatchObject({ version: '4' });
    await expect(resolve('models:/iris/None')).rejects.toMatchObject({
      code: 'model-version-not-found',
      message: '"iris" has no version in stage None',
    });
  });

  it('takes version 10 for higher than version 9', async () => {
    for (let count = 0; count < 10; count++) mlflow.publish('iris', FILES, { stage: count === 8 ? 'Staging' : 'None' });
    expect(await resolve('models:/iris/latest')).toMatchObject({ version: '10' });
  });

  it('knows the same files by the same key, and others by another', async () => {
    mlflow.publish('iris', FILES);
    mlflow.publish('iris', FILES);
    mlflow.store.setAlias('iris', 'champion', 1);
    const [one, alias, two] = [
      await resolve('models:/iris/1'),
      await resolve('models:/iris@champion'),
      await resolve('models:/iris/2'),
    ];
    expect(alias.filesKey).toBe(one.filesKey);
    expect(two.filesKey).not.toBe(one.filesKey);
  });

  it('[case 66] pins the version that an alias names at that moment', async () => {
    const first = mlflow.publish('iris', FILES);
    mlflow.publish('iris', { ...FILES, more: '' });
    mlflow.store.setAlias('iris', 'champion', 1);
    const registry = registryOn(mlflow.url);
    const pinned = await registry.resolve(parseModelUri('models:/iris@champion'), '', signal);
    mlflow.store.setAlias('iris', 'champion', 2);
    const files = await registry.files(pinned, signal);
    expect((await files.list(signal)).map(({ path }) => path)).toEqual(['MLmodel', 'model.onnx']);
    expect(mlflow.requests.at(-1)?.query.get('path')).toBe(first.root);
  });

  it('has no files of a version that somebody made up', async () => {
    const madeUp = { requestedUri: '', uri: '', name: '../..', version: '1', filesKey: undefined };
    await expect(registryOn(mlflow.url).files(madeUp, signal)).rejects.toThrow(
      'files() takes a version that resolve()',
    );
  });

  it.each(['PENDING_REGISTRATION', 'FAILED_REGISTRATION'])('does not load a version that is %s', async (status) => {
    mlflow.publish('iris', FILES, { status });
    await expect(resolve('models:/iris/1')).rejects.toMatchObject({
      code: 'model-not-servable',
      message: `models:/iris/1 is ${status}; only READY versions can be loaded`,
    });
  });

  it.each(['...', '..m', 'a model', '%2e%2e', '100%', "it's", 'a&b=c', '#1', '+', 'größe'])(
    '[case 46] reaches a model with the odd name %s',
    async (name) => {
      mlflow.publish(name, FILES);
      mlflow.store.setAlias(name, 'champion', 1);
      for (const uri of [`models:/${name}/1`, `models:/${name}@champion`, `models:/${name}/latest`])
        expect([uri, (await resolve(uri)).name]).toEqual([uri, name]);
      expect(await versions(name)).toHaveLength(1);
    },
  );

  it('[case 47] shows a name escaped that would look like another', async () => {
    await expect(resolve('models:/iris\u202e@champion')).rejects.toMatchObject({
      message: 'There is no model "iris\\u{202e}" in the registry; GET /registry/models lists them',
    });
  });

  it('[case 51] has no alias that every object has', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(/registered-models\/alias/, fails(404, '{"error_code": "RESOURCE_DOES_NOT_EXIST"}'));
    for (const alias of ['toString', '__proto__', 'constructor'])
      expect(await codeOf(resolve(`models:/iris@${alias}`))).toBe('model-alias-not-found');
  });

  it('has no model of a name that MLflow will not look for', async () => {
    const refused = fails(400, '{"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid name"}');
    mlflow.at(/get|alias/, refused);
    expect(await codeOf(resolve('models:/..m/1'))).toBe('model-not-found');
    expect(await codeOf(resolve('models:/..m/latest'))).toBe('model-not-found');
    expect(await codeOf(versions('..m'))).toBe('model-not-found');
  });

  it('says of an alias whose version was deleted which one that was', async () => {
    mlflow.publish('iris', FILES);
    mlflow.store.setAlias('iris', 'champion', 1);
    mlflow.store.deleteVersion('iris', 1);
    await expect(resolve('models:/iris@champion')).rejects.toMatchObject({
      code: 'model-version-not-found',
      message:
        'The alias "champion" of "iris" names version 1, which was deleted. Set the alias to a version that is there',
    });
  });
});

describe('logged models and runs', () => {
  let version: StoredVersion;

  it('of MLflow 3 are reached by their URIs, as the logged model', async () => {
    version = mlflow.publish('iris', FILES);
    const modelUri = `models:/${version.modelId ?? ''}`;
    for (const uri of [modelUri, `runs:/${version.runId}/model`])
      expect(await resolve(uri)).toMatchObject({ requestedUri: uri, uri: modelUri, name: 'model', version: null });
    expect(await pathsOf(`runs:/${version.runId}/model`)).toEqual(['MLmodel', 'model.onnx']);
  });

  it.each([true, false])('of MLflow 2 are files of the run (--serve-artifacts: %s)', async (servesArtifacts) => {
    const older = await FakeMlflow.start({ layout: '2.x', servesArtifacts });
    try {
      version = older.publish('iris', FILES);
      expect(await resolve(`runs:/${version.runId}/model`, older)).toMatchObject({
        name: 'model',
        filesKey: undefined,
      });
      expect(await pathsOf(`runs:/${version.runId}/model`, older)).toEqual(['MLmodel', 'model.onnx']);
      expect(await codeOf(resolve(`models:/m-${'0'.repeat(32)}`, older))).toBe('model-not-found');
    } finally {
      await older.stop();
    }
  });

  it('of MLflow 3 are reached without --serve-artifacts', async () => {
    const direct = await FakeMlflow.start({ servesArtifacts: false });
    try {
      version = direct.publish('iris', FILES);
      for (const uri of [`models:/${version.modelId ?? ''}`, `runs:/${version.runId}/model`])
        expect(await pathsOf(uri, direct)).toEqual(['MLmodel', 'model.onnx']);
    } finally {
      await direct.stop();
    }
  });

  it('that are not there are told apart', async () => {
    expect(await codeOf(resolve(`runs:/${'0'.repeat(32)}/model`))).toBe('run-not-found');
    expect(await codeOf(resolve(`models:/m-${'0'.repeat(32)}`))).toBe('model-not-found');
  });

  it('that are not ready are not loaded', async () => {
    version = mlflow.publish('iris', FILES);
    mlflow.at(/logged-models/, (answer, response) => {
      const text = answer.body.toString().replace('LOGGED_MODEL_READY', 'LOGGED_MODEL_PENDING');
      response.writeHead(200).end(text);
    });
    await expect(resolve(`models:/${version.modelId ?? ''}`)).rejects.toMatchObject({
      code: 'model-not-servable',
      message: expect.stringContaining('is LOGGED_MODEL_PENDING'),
    });
  });
});

describe('[case 67] an MLflow registry that answers otherwise', () => {
  it.each([
    ['another version than asked for', withVersion({ version: '7' }), /asked for version 1, it tells of version 7$/],
    ['a version that is a path', withVersion({ version: '../../1' }), /not a version number/],
    ['a version that is null', withVersion({ version: null }), /model_version\.version/],
    ['a name that is a path', withVersion({ name: '../x' }), /it calls the model "\.\.\/x"$/],
    ['tags that are a map', withVersion({ tags: { a: 'b' } }), /model_version\.tags/],
    ['no version', saysJson({}), /model_version/],
    ['a page', saysHtml, /Does MLFLOW_TRACKING_URI point at an MLflow server\?/],
  ])('is refused for %s', async (_, misbehaviour, message) => {
    mlflow.publish('iris', FILES);
    mlflow.at(/model-versions\/get\?/, misbehaviour);
    await expect(resolve('models:/iris/1')).rejects.toMatchObject({
      code: 'registry-bad-answer',
      message: expect.stringMatching(message),
    });
  });

  it('is understood where it writes numbers for texts, or leaves out what is empty', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(
      /model-versions\/get\?/,
      withVersion({ version: 1, creation_timestamp: '1700000000001', tags: null, extra: [] }),
    );
    expect(await resolve('models:/iris/1')).toMatchObject({ version: '1' });
  });

  it('and says 404 to everything is no MLflow server that has the model', async () => {
    mlflow.at(/./, fails(404, '<html>nothing here</html>'));
    expect(await codeOf(resolve('models:/iris/1'))).toBe('model-not-found');
  });

  it('with a logged model whose id leads elsewhere is refused', async () => {
    const { modelId } = mlflow.publish('iris', FILES);
    mlflow.at(/logged-models/, saysJson({ model: { info: { model_id: '../../admin', artifact_uri: 's3://b/x' } } }));
    expect(await codeOf(resolve(`models:/${modelId ?? ''}`))).toBe('registry-bad-answer');
  });
});

describe('what an MLflow registry lists', () => {
  it('of a version is all that there is to know', async () => {
    mlflow.publish('iris', FILES, {
      description: 'a baseline',
      tags: { team: 'flowers' },
      params: { C: '0.1' },
      metrics: { accuracy: 0.97, loss: 'NaN' },
      stage: 'Production',
    });
    mlflow.store.setAlias('iris', 'champion', 1);
    const { runId } = mlflow.store.versionsByNumber()[0] as StoredVersion;
    const [listed] = await versions('iris');
    expect({ ...listed, createdAt: Number(listed?.createdAt) }).toEqual({
      name: 'iris',
      version: '1',
      uri: 'models:/iris/1',
      description: 'a baseline',
      aliases: ['champion'],
      stage: 'Production',
      tags: { team: 'flowers' },
      params: { C: '0.1' },
      metrics: { accuracy: 0.97, loss: NaN },
      flavors: ['onnx'],
      servable: { ok: true },
      signature: null,
      run: { id: runId, url: `${mlflow.url}/#/experiments/1/runs/${runId}` },
      createdAt: 1_700_000_000_001,
    });
  });

  it('of a version whose run was deleted is the rest', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(/runs\/get/, fails(404, '{"error_code": "RESOURCE_DOES_NOT_EXIST"}'));
    expect((await versions('iris'))[0]).toMatchObject({ run: null, servable: { ok: true } });
  });

  it('of a version whose MLmodel file is too large says that it cannot be served', async () => {
    mlflow.publish('iris', { MLmodel: `${FILES.MLmodel}# ${'x'.repeat(3 * 2 ** 20)}` });
    expect((await versions('iris'))[0]).toMatchObject({
      servable: { ok: false, why: expect.stringContaining('it has more than 1048576 bytes') },
    });
  });

  it('of a model has the highest version that is there as its latest', async () => {
    for (let count = 0; count < 3; count++) mlflow.publish('iris', FILES);
    mlflow.store.setAlias('iris', 'champion', 3);
    mlflow.store.deleteVersion('iris', 3);
    const { items } = await registryOn(mlflow.url).listModels(ALL, signal);
    expect(items).toEqual([expect.objectContaining({ latestVersion: '2', aliases: { champion: '3' } })]);
  });

  it('is one page of many, and asks for no more than that one', async () => {
    for (let count = 0; count < 250; count++) mlflow.publish(`model ${String(count).padStart(3, '0')}`, {});
    const page = await registryOn(mlflow.url).listModels({ pageSize: 100, pageToken: undefined }, signal);
    expect([page.items.length, page.nextPageToken, mlflow.requests.length]).toEqual([100, expect.any(String), 1]);
    const last = await registryOn(mlflow.url).listModels({ pageSize: 100, pageToken: btoa('200') }, signal);
    expect([last.items.length, last.nextPageToken]).toEqual([50, null]);
  });

  it('[case 54] never goes in a circle where a page names itself as the next', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(
      /search/,
      changes((json) => ({ ...(json as object), next_page_token: 'same' })),
    );
    const page = await registryOn(mlflow.url).listVersions('iris', { pageSize: 1, pageToken: undefined }, signal);
    expect([page.items.length, page.nextPageToken]).toEqual([1, 'same']);
    expect(mlflow.requests.filter(({ path }) => path.endsWith('/search'))).toHaveLength(1);
  });

  it('ends with the deadline of whoever asks', async () => {
    mlflow.publish('iris', FILES);
    mlflow.at(/search/, hangs);
    const listing = registryOn(mlflow.url).listVersions('iris', ALL, AbortSignal.timeout(100));
    expect(await codeOf(listing)).toBe('registry-unavailable');
  });

  it('[case 49] cannot be asked for with a name that holds both kinds of quotes', async () => {
    const name = `"it's"`;
    mlflow.publish(name, FILES);
    expect(await codeOf(versions(name))).toBe('invalid-model-uri');
    expect(await resolve(`models:/${name}/1`)).toMatchObject({ name });
  });
});
