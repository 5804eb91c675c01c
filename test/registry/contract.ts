/* eslint-disable jest/no-export -- a suite that several spec files run, each on a registry of its own */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { DomainError } from '@understudy/platform';
import { type FetchedVersion, fetchVersion } from '../../libs/registry/src/cache/fetch-version';
import { ModelCache } from '../../libs/registry/src/cache/model-cache';
import type {
  ModelFiles,
  ModelRegistry,
  Page,
  PageRequest,
  ResolvedVersion,
} from '../../libs/registry/src/model-registry';
import { parseModelUri } from '../../libs/registry/src/model-uri';
import { ROOMY } from '../support/roomy-cache';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder';

/**
 * A registry that holds one model of these versions: 1 and 2 with an ONNX flavor and several files, 3 with the flavor sklearn only,
 * and 4, which was deleted. The alias `champion` names 2, and `gone` names 4.
 */
export interface RegistryUnderTest {
  readonly registry: ModelRegistry;
  readonly modelName: string;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
const FIRST: PageRequest = { pageSize: 100, pageToken: undefined };

/** Versions are logged with Python's client first, which takes half a minute on a busy machine. */
const OPENING_MS = 300_000;

/** What every adapter of `ModelRegistry` must do. */
export function describeRegistryContract(title: string, open: () => Promise<RegistryUnderTest>): void {
  describe(`${title}, as a registry`, () => {
    let given: RegistryUnderTest;
    let folder: TemporaryFolder;
    let cache: ModelCache;

    beforeAll(async () => {
      given = await open();
      folder = temporaryFolder('contract-cache');
      cache = new ModelCache(folder.path, ROOMY);
      await cache.prepare();
    }, OPENING_MS);

    afterAll(async () => {
      // Where opening failed, that is what the report should say.
      await (given as RegistryUnderTest | undefined)?.close();
      folder.remove();
    });

    const uriOf = (rest: string): string => `models:/${given.modelName}${rest}`;
    const resolve = async (uri: string): Promise<ResolvedVersion> =>
      given.registry.resolve(parseModelUri(uri), uri, signal);
    const codeOf = async (doing: Promise<unknown>): Promise<string> =>
      doing.then(
        () => 'nothing was refused',
        (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
      );
    const filesOf = async (rest: string): Promise<ModelFiles> =>
      given.registry.files(await resolve(uriOf(rest)), signal);
    const fetched = async (rest: string): Promise<FetchedVersion> => {
      const version = await resolve(uriOf(rest));
      return fetchVersion(version, () => given.registry.files(version, signal), cache, {
        maxBytes: 2 ** 30,
        retries: 0,
        signal,
        onProgress: () => undefined,
      });
    };
    const walk = async <Item>(
      pageSize: number,
      next: (page: PageRequest) => Promise<Page<Item>>,
    ): Promise<Item[][]> => {
      const pages: Item[][] = [];
      let pageToken: string | undefined;
      do {
        const { items, nextPageToken } = await next({ pageSize, pageToken });
        pages.push([...items]);
        pageToken = nextPageToken ?? undefined;
      } while (pageToken !== undefined);
      return pages;
    };

    it('pins a version, an alias and latest to one version', async () => {
      for (const [rest, version] of [
        ['/1', '1'],
        ['@champion', '2'],
        ['/latest', '3'],
        ['@latest', '3'],
      ] as const) {
        expect(await resolve(uriOf(rest))).toMatchObject({
          requestedUri: uriOf(rest),
          uri: uriOf(`/${version}`),
          name: given.modelName,
          version,
        });
      }
    });

    it.each([
      ['/999', 'model-version-not-found'],
      ['/4', 'model-version-not-found'],
      ['@nobody', 'model-alias-not-found'],
      ['@toString', 'model-alias-not-found'],
      ['-of-nobody/1', 'model-not-found'],
      ['-of-nobody/latest', 'model-not-found'],
      ['-of-nobody@champion', 'model-not-found'],
    ])('[case 86] says what is not there: %s', async (rest, code) => {
      expect([rest, await codeOf(resolve(uriOf(rest)))]).toEqual([rest, code]);
    });

    it('[case 86] says that an alias of a deleted version leads nowhere', async () => {
      // MLflow keeps such an alias or, in newer versions, deletes it with the version.
      expect(await codeOf(resolve(uriOf('@gone')))).toMatch(/^model-(version|alias)-not-found$/);
    });

    it.each(["x' OR '1'='1", 'x" --', '%', '_', '$1', 'x`', '\u{1f338}', 'x; DROP TABLE models'])(
      '[case 49] takes a name for nothing but a name: %s',
      async (name) => {
        expect(await codeOf(resolve(`models:/${name}/1`))).toBe('model-not-found');
        expect(await codeOf(resolve(`models:/${name}@champion`))).toBe('model-not-found');
        expect(await codeOf(given.registry.listVersions(name, FIRST, signal))).toBe('model-not-found');
      },
    );

    it.each(['toString', 'hasOwnProperty', '__proto__', 'constructor', '...', '..m'])(
      '[case 51] has no model called %s by itself',
      async (name) => {
        expect(await codeOf(resolve(`models:/${name}/1`))).toBe('model-not-found');
        expect(await codeOf(given.registry.listVersions(name, FIRST, signal))).toBe('model-not-found');
      },
    );

    it('[case 52] tells upper from lower case', async () => {
      expect(await codeOf(resolve(`models:/${given.modelName.toUpperCase()}/1`))).toBe('model-not-found');
    });

    it('lists the files of a version with the sizes that they have', async () => {
      const files = await filesOf('/1');
      const listed = await files.list(signal);
      expect(listed.map(({ path }) => path)).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx']));
      expect(listed.length).toBeGreaterThan(2);
      for (const { path, bytes } of listed) {
        let read = 0;
        for await (const chunk of await files.open(path, signal)) read += chunk.byteLength;
        expect([path, read]).toEqual([path, bytes]);
      }
    });

    it('has no file that it does not list', async () => {
      const files = await filesOf('/1');
      expect(await codeOf(files.open('no-such-file', signal))).toMatch(/^(model-not-servable|registry-unavailable)$/);
    });

    it('ends reading files when it is aborted', async () => {
      const files = await filesOf('/1');
      const aborted = AbortSignal.abort(new Error('enough'));
      await expect(files.list(aborted)).rejects.toThrow('enough');
    });

    it('gives the same files for the same version, which the cache then has', async () => {
      const [first, again] = [await fetched('@champion'), await fetched('/2')];
      expect(again).toEqual(first);
      expect(first.mlModel?.flavors).toContain('onnx');
      expect(readFileSync(join(first.directory, first.onnxPath)).length).toBeGreaterThan(0);
    });

    it('refuses a version without an ONNX flavor with the command that exports it', async () => {
      const refused = await fetched('/3').catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'model-not-servable',
        message: expect.stringMatching(
          /^version 3 of ".*" has flavors .*sklearn; none is onnx\. .*--model-uri models:\//,
        ),
      });
    });

    it('lists the versions, the highest first, in pages', async () => {
      const pages = await walk(2, async (page) => given.registry.listVersions(given.modelName, page, signal));
      expect(pages.map((items) => items.map(({ version }) => version))).toEqual([['3', '2'], ['1']]);
      const [third, second, first] = pages.flat();
      expect(second).toMatchObject({
        name: given.modelName,
        uri: uriOf('/2'),
        aliases: ['champion'],
        servable: { ok: true },
      });
      expect(first).toMatchObject({ aliases: [], stage: null, servable: { ok: true } });
      expect(first?.flavors).toContain('onnx');
      expect(third).toMatchObject({
        servable: { ok: false, why: expect.stringContaining('none is onnx') },
      });
      expect(Number(second?.createdAt)).toBeGreaterThan(0);
    });

    it('lists the models, by name, in pages', async () => {
      const pages = await walk(1, async (page) => given.registry.listModels(page, signal));
      const models = pages.flat();
      expect(models.map(({ name }) => name)).toEqual(models.map(({ name }) => name).sort());
      const model = models.find(({ name }) => name === given.modelName);
      expect(model).toMatchObject({ latestVersion: '3', aliases: expect.objectContaining({ champion: '2' }) });
    });

    it('[case 50] refuses a page token that it did not give', async () => {
      const page = { pageSize: 2, pageToken: 'nonsense' };
      expect(await codeOf(given.registry.listModels(page, signal))).toBe('invalid-body');
      expect(await codeOf(given.registry.listVersions(given.modelName, page, signal))).toBe('invalid-body');
    });
  });
}
