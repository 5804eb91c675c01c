import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mlModelText, ModelFolder } from '../../../../test/support/model-folder';
import type { ResolvedVersion } from '../model-registry';
import { parseModelUri } from '../model-uri';
import { FolderRegistry } from './folder-registry';

const ONNX = { MLmodel: mlModelText({ onnx: { data: 'model.onnx' }, python_function: {} }), 'model.onnx': 'graph' };
const GRAPH = Buffer.from('graph');
const ALL = { pageSize: 100, pageToken: undefined };
const signal = new AbortController().signal;

let models: ModelFolder;
let registry: FolderRegistry;

beforeEach(() => {
  models = new ModelFolder();
  registry = new FolderRegistry(models.path);
});

afterEach(() => {
  models.remove();
});

const resolve = async (uri: string): Promise<ResolvedVersion> => registry.resolve(parseModelUri(uri), uri);
const versions = async (name: string) => (await registry.listVersions(name, ALL)).items;
const version = async (name: string, number: string) =>
  (await versions(name)).find((each) => each.version === number) ?? null;

describe('a folder registry', () => {
  it('resolves versions, aliases and latest, which is the highest number', async () => {
    for (const number of [1, 9, 10]) models.publish('iris', number, ONNX);
    models.setAlias('iris', 'champion', 9);
    expect(await resolve('models:/iris/1')).toEqual({
      requestedUri: 'models:/iris/1',
      uri: 'models:/iris/1',
      name: 'iris',
      version: '1',
      filesKey: undefined,
    });
    expect(await resolve('models:/iris@champion')).toMatchObject({ uri: 'models:/iris/9' });
    expect(await resolve('models:/iris/latest')).toMatchObject({ uri: 'models:/iris/10' });
  });

  it('sees what is published, aliased and removed while it runs', async () => {
    await expect(resolve('models:/iris/1')).rejects.toMatchObject({ code: 'model-not-found' });
    models.publish('iris', 1, GRAPH);
    expect(await resolve('models:/iris/latest')).toMatchObject({ version: '1' });
    models.publish('iris', 2, GRAPH);
    models.setAlias('iris', 'champion', 1);
    expect(await resolve('models:/iris/latest')).toMatchObject({ version: '2' });
    expect(await resolve('models:/iris@champion')).toMatchObject({ version: '1' });
    models.setAlias('iris', 'champion', 2);
    expect(await resolve('models:/iris@champion')).toMatchObject({ version: '2' });
    models.unpublish('iris', 2);
    await expect(resolve('models:/iris@champion')).rejects.toMatchObject({
      code: 'model-version-not-found',
      message:
        'There is no version 2 of "iris" in the registry; GET /registry/models/{name}/versions lists those that there are, with their aliases',
    });
  });

  it('gives the files of a version it resolved, and of none that somebody made up', async () => {
    models.publish('iris', 1, ONNX);
    const files = await registry.files(await resolve('models:/iris/1'));
    expect((await files.list(signal)).map(({ path }) => path).sort()).toEqual(['MLmodel', 'model.onnx']);
    const madeUp = { requestedUri: '', uri: '', name: '../..', version: 'etc', filesKey: undefined };
    await expect(registry.files(madeUp)).rejects.toThrow('files() takes a version that resolve()');
  });

  it.each([
    ['models:/nobody/1', 'model-not-found'],
    ['models:/nobody/latest', 'model-not-found'],
    ['models:/nobody@champion', 'model-not-found'],
    ['models:/iris/2', 'model-version-not-found'],
    ['models:/iris@nobody', 'model-alias-not-found'],
    ['models:/empty/latest', 'model-version-not-found'],
    ['models:/iris/Production', 'invalid-model-uri'],
    [`models:/m-${'0'.repeat(32)}`, 'invalid-model-uri'],
    ['runs:/5c5c/model', 'invalid-model-uri'],
  ])('says of %s: %s', async (uri, code) => {
    models.publish('iris', 1, GRAPH);
    mkdirSync(join(models.path, 'empty'));
    await expect(resolve(uri)).rejects.toMatchObject({ code });
  });

  it.each(['toString', '__proto__', 'constructor', 'hasOwnProperty'])(
    '[case 51] has no model, version or alias called %s by itself',
    async (name) => {
      models.publish('iris', 1, GRAPH);
      await expect(resolve(`models:/${name}/1`)).rejects.toMatchObject({ code: 'model-not-found' });
      await expect(resolve(`models:/iris@${name}`)).rejects.toMatchObject({ code: 'model-alias-not-found' });
      models.publish(name, 1, GRAPH);
      expect(await resolve(`models:/${name}/1`)).toMatchObject({ name });
    },
  );

  it.each(['model..1', 'a model', '%2e%2e', "it's", '100%'])(
    '[case 46] serves a model with the odd name %s',
    async (name) => {
      models.publish(name, 1, GRAPH);
      expect(await resolve(`models:/${name}/1`)).toMatchObject({ name, uri: `models:/${name}/1` });
      expect((await registry.listModels(ALL)).items).toEqual([expect.objectContaining({ name })]);
    },
  );

  it('[case 47] tells names apart by their bytes, and shows them escaped', async () => {
    models.publish('caf\u00e9', 1, GRAPH);
    await expect(resolve('models:/cafe\u0301/1')).rejects.toMatchObject({ code: 'model-not-found' });
    await expect(resolve('models:/iris\u202e/1')).rejects.toMatchObject({
      message: 'There is no model "iris\\u{202e}" in the registry; GET /registry/models lists them',
    });
  });

  it('[case 52] tells upper from lower case', async () => {
    models.publish('iris', 1, GRAPH);
    await expect(resolve('models:/Iris/1')).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('that is not there is unavailable, and the sentence names the setting', async () => {
    const gone = new FolderRegistry(join(models.path, 'gone'));
    await expect(gone.listModels(ALL)).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('Check UNDERSTUDY_REGISTRY_DIR'),
    });
    await expect(gone.resolve(parseModelUri('models:/iris/1'), '')).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.not.stringContaining(models.path),
    });
  });
});

describe('odd entries of a folder registry', () => {
  it.each(['01', '1.5', '-1', '0', 'v1', '1e3', '99999999999', '.1', 'aliases'])(
    '[case 48] a folder %s is no version',
    async (name) => {
      models.publish('iris', 1, GRAPH);
      mkdirSync(join(models.path, 'iris', name));
      writeFileSync(join(models.path, 'iris', name, 'model.onnx'), GRAPH);
      expect((await versions('iris')).map((each) => each.version)).toEqual(['1']);
    },
  );

  it('files, hidden folders and symbolic links are neither models nor versions', async () => {
    models.publish('iris', 1, GRAPH);
    writeFileSync(join(models.path, 'README'), '');
    writeFileSync(join(models.path, 'iris', '2'), '');
    mkdirSync(join(models.path, '.git'));
    symlinkSync('/etc', join(models.path, 'etc'));
    symlinkSync('/etc', join(models.path, 'iris', '3'));
    expect((await registry.listModels(ALL)).items.map(({ name }) => name)).toEqual(['iris']);
    expect((await versions('iris')).map((each) => each.version)).toEqual(['1']);
    for (const uri of ['models:/README/1', 'models:/.git/1', 'models:/etc/1'])
      await expect(resolve(uri)).rejects.toMatchObject({ code: 'model-not-found' });
    for (const uri of ['models:/iris/2', 'models:/iris/3'])
      await expect(resolve(uri)).rejects.toMatchObject({ code: 'model-version-not-found' });
  });

  it('folders that no model URI can name are not listed', async () => {
    models.publish('a:b', 1, GRAPH);
    models.publish('iris', 1, GRAPH);
    expect((await registry.listModels(ALL)).items.map(({ name }) => name)).toEqual(['iris']);
  });

  it.each([
    ['an empty file', ''],
    ['no number', 'champion'],
    ['01', '01'],
    ['a path', '../../other/1'],
    ['two lines', '1\n2'],
    ['a very long text', '1'.repeat(2_000_000)],
  ])('[case 48] an alias file with %s is no alias', async (_, text) => {
    models.publish('iris', 1, GRAPH);
    mkdirSync(join(models.path, 'iris', 'aliases'));
    writeFileSync(join(models.path, 'iris', 'aliases', 'champion'), text);
    await expect(resolve('models:/iris@champion')).rejects.toMatchObject({ code: 'model-alias-not-found' });
  });

  it('only plain files with the name of an alias are aliases', async () => {
    models.publish('iris', 1, GRAPH);
    models.setAlias('iris', 'good', 1);
    for (const name of ['good~', '.good.swp', 'good.txt', 'latest']) models.setAlias('iris', name, 1);
    mkdirSync(join(models.path, 'iris', 'aliases', 'folder'));
    symlinkSync(join(models.path, 'iris', 'aliases', 'good'), join(models.path, 'iris', 'aliases', 'link'));
    execFileSync('mkfifo', [join(models.path, 'iris', 'aliases', 'pipe')]);
    expect((await registry.listModels(ALL)).items).toEqual([
      expect.objectContaining({ name: 'iris', aliases: { good: '1' }, latestVersion: '1' }),
    ]);
  });

  it.each(['a folder', 'a symbolic link', 'a pipe', 'larger than 1 MiB'])(
    'an MLmodel that is %s makes the version not servable, and the list goes on',
    async (kind) => {
      models.publish('iris', 1, ONNX);
      models.publish('iris', 2, GRAPH);
      const path = join(models.path, 'iris', '1', 'MLmodel');
      rmSync(path);
      if (kind === 'a folder') mkdirSync(path);
      if (kind === 'a symbolic link') symlinkSync('/etc/passwd', path);
      if (kind === 'a pipe') execFileSync('mkfifo', [path]);
      if (kind === 'larger than 1 MiB') writeFileSync(path, `${ONNX.MLmodel}#${'x'.repeat(2 ** 20)}`);
      expect((await versions('iris')).map(({ servable }) => servable)).toEqual([
        { ok: true },
        { ok: false, why: 'the MLmodel of models:/iris/1 is not a small plain file' },
      ]);
    },
  );
});

describe('the versions that a folder registry lists', () => {
  it('come with what their meta.yaml and their MLmodel file say, the highest first', async () => {
    const meta = [
      'description: a baseline',
      'created: 2026-11-02T10:11:12Z',
      'params: {C: 0.1, solver: lbfgs, warm: true}',
      'metrics: {accuracy: 0.97}',
      'tags: {team: flowers}',
    ];
    models.publish('iris', 2, { ...ONNX, 'meta.yaml': meta.join('\n') });
    models.publish('iris', 10, { MLmodel: mlModelText({ sklearn: {} }) });
    models.publish('iris', 3, GRAPH);
    models.setAlias('iris', 'champion', 2);
    models.setAlias('iris', 'best', 2);
    const [newest, lone, oldest] = await versions('iris');
    expect(newest).toMatchObject({
      version: '10',
      flavors: ['sklearn'],
      servable: { ok: false, why: expect.stringMatching(/^version 10 of "iris" has flavors sklearn; none is onnx/) },
    });
    expect(lone).toMatchObject({
      version: '3',
      flavors: ['onnx'],
      servable: { ok: true },
    });
    // The date of the folder, for want of a better one.
    expect(Number(lone?.createdAt)).toBeGreaterThan(0);
    expect(oldest).toEqual({
      name: 'iris',
      version: '2',
      uri: 'models:/iris/2',
      description: 'a baseline',
      aliases: ['best', 'champion'],
      stage: null,
      tags: { team: 'flowers' },
      params: { C: '0.1', solver: 'lbfgs', warm: 'true' },
      metrics: { accuracy: 0.97 },
      flavors: ['onnx', 'python_function'],
      servable: { ok: true },
      signature: null,
      run: null,
      createdAt: new Date('2026-11-02T10:11:12Z'),
    });
  });

  it.each([
    ['is no YAML', '{'],
    ['is a list', '[1]'],
    ['is empty', ''],
    ['has members of wrong types', 'description: [1]\nparams: 5\nmetrics: {a: b}\ntags: [x]\ncreated: {}'],
    [
      'unfolds its aliases into gigabytes',
      `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]`,
    ],
    ['has very many tokens', `params: {${Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
    ['is larger than 1 MiB', `description: ${'x'.repeat(2 ** 20)}`],
  ])('are listed without notes when meta.yaml %s', async (_, meta) => {
    models.publish('iris', 1, { ...ONNX, 'meta.yaml': meta });
    expect(await version('iris', '1')).toMatchObject({
      description: null,
      params: {},
      metrics: {},
      tags: {},
      servable: { ok: true },
    });
  });

  it('are listed without notes when meta.yaml is a pipe', async () => {
    models.publish('iris', 1, ONNX);
    execFileSync('mkfifo', [join(models.path, 'iris', '1', 'meta.yaml')]);
    expect(await version('iris', '1')).toMatchObject({ description: null });
  });

  it('say why one without a model cannot be served', async () => {
    models.publish('iris', 1, { 'notes.txt': 'soon' });
    models.publish('iris', 2, { MLmodel: 'hello' });
    expect((await versions('iris')).map(({ servable }) => servable)).toEqual([
      { ok: false, why: expect.stringContaining('it has no map of flavors') },
      { ok: false, why: 'models:/iris/1 has neither MLmodel nor model.onnx' },
    ]);
  });

  it('come in pages', async () => {
    for (let number = 1; number <= 5; number++) models.publish('iris', number, GRAPH);
    const pages: string[][] = [];
    let pageToken: string | undefined;
    do {
      const { items, nextPageToken } = await registry.listVersions('iris', { pageSize: 2, pageToken });
      pages.push(items.map((each) => each.version));
      pageToken = nextPageToken ?? undefined;
    } while (pageToken !== undefined);
    expect(pages).toEqual([['5', '4'], ['3', '2'], ['1']]);
  });

  it.each(['-1', 'x', '1.5', 'NaN'])('[case 50] are refused for the page token %s', async (pageToken) => {
    models.publish('iris', 1, GRAPH);
    await expect(registry.listVersions('iris', { pageSize: 2, pageToken })).rejects.toMatchObject({
      code: 'invalid-body',
    });
    await expect(registry.listModels({ pageSize: 2, pageToken })).rejects.toMatchObject({ code: 'invalid-body' });
  });
});
