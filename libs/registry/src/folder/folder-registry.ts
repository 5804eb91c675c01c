import { readdir, stat } from 'node:fs/promises';
import { join, resolve as absolutePath } from 'node:path';
import { DomainError, isDomainError } from '@understudy/platform';
import { MLMODEL_FILE, LONE_MODEL_FILE, parseMlModel, servability } from '../mlmodel/mlmodel';
import {
  type ModelFiles,
  ModelRegistry,
  type Page,
  type PageRequest,
  type RegisteredModel,
  type RegisteredVersion,
  type ResolvedVersion,
} from '../model-registry';
import { isAlias, isModelName, isVersionNumber, type ModelUri } from '../model-uri';
import { aliasNotFound, modelNotFound, versionNotFound } from '../not-in-registry';
import { quoted } from '../quoted';
import { FolderFiles } from './folder-files';
import { readPlainText } from './read-plain-text';
import { readable } from './readable';
import { readVersionNotes } from './version-notes';

const ALIASES = 'aliases';

/**
 * Model versions in a folder, for use without an MLflow server. What is there is read anew for every question, so versions and
 * aliases are picked up while the server runs.
 *
 *     NAME/VERSION/            an MLflow model folder (MLmodel and its files), or a lone model.onnx
 *     NAME/VERSION/meta.yaml   optional: description, created, params, metrics, tags
 *     NAME/aliases/ALIAS       a file that holds a version number
 */
export class FolderRegistry extends ModelRegistry {
  override readonly description: string;
  private readonly root: string;
  private readonly folders = new WeakMap<ResolvedVersion, string>();

  constructor(directory: string) {
    super();
    this.root = absolutePath(directory);
    this.description = 'a folder of model files';
  }

  override async resolve(uri: ModelUri, requestedUri: string): Promise<ResolvedVersion> {
    switch (uri.kind) {
      case 'version':
        return this.pin(uri.name, uri.version, requestedUri);
      case 'alias':
        return this.pin(uri.name, await this.versionOfAlias(uri.name, uri.alias), requestedUri);
      case 'latest':
        return this.pin(uri.name, await this.latestVersion(uri.name), requestedUri);
      default:
        throw new DomainError(
          'invalid-model-uri',
          `${quoted(requestedUri)}: a folder of model files has versions, aliases and latest, but no stages, runs or logged models. ` +
            'Set MLFLOW_TRACKING_URI to serve from an MLflow server',
        );
    }
  }

  override async files(version: ResolvedVersion): Promise<ModelFiles> {
    const folder = this.folders.get(version);
    if (folder === undefined) throw new Error('files() takes a version that resolve() of the same registry returned');
    return new FolderFiles(folder);
  }

  override async listModels({ pageSize, pageToken }: PageRequest): Promise<Page<RegisteredModel>> {
    const names = (await this.foldersIn(this.root)).filter(isModelName).sort();
    const { items, nextPageToken } = page(names, pageSize, pageToken);
    const described = readable(() => Promise.all(items.map((name) => this.describeModel(name))));
    return { items: await described, nextPageToken };
  }

  override async listVersions(name: string, { pageSize, pageToken }: PageRequest): Promise<Page<RegisteredVersion>> {
    const versions = await this.versionsOf(name);
    const aliases = await this.aliasesOf(name);
    const { items, nextPageToken } = page(versions, pageSize, pageToken);
    const described = readable(() => Promise.all(items.map((each) => this.describeVersion(name, each, aliases))));
    return { items: await described, nextPageToken };
  }

  private async pin(name: string, version: string, requestedUri: string): Promise<ResolvedVersion> {
    const folder = await this.modelFolder(name);
    if (!(await this.foldersIn(folder)).includes(version)) throw versionNotFound(name, version);
    const resolved = { requestedUri, uri: `models:/${name}/${version}`, name, version, filesKey: undefined };
    this.folders.set(resolved, join(folder, version));
    return resolved;
  }

  private async versionOfAlias(name: string, alias: string): Promise<string> {
    const version = (await this.aliasesOf(name)).get(alias);
    if (version !== undefined) return version;
    throw aliasNotFound(name, alias);
  }

  private async latestVersion(name: string): Promise<string> {
    const [latest] = await this.versionsOf(name);
    if (latest !== undefined) return latest;
    throw new DomainError('model-version-not-found', `${quoted(name)} has no versions`);
  }

  /** Version numbers, the highest first. */
  private async versionsOf(name: string): Promise<string[]> {
    const folders = await this.foldersIn(await this.modelFolder(name));
    return folders.filter(isVersionNumber).sort((a, b) => Number(b) - Number(a));
  }

  private async aliasesOf(name: string): Promise<ReadonlyMap<string, string>> {
    const folder = join(await this.modelFolder(name), ALIASES);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = entries.map((entry) => entry.name).filter(isAlias);
    const read = await Promise.all(
      names.map(async (alias) => [alias, (await readPlainText(join(folder, alias)))?.trim() ?? ''] as const),
    );
    return new Map(read.filter(([, version]) => isVersionNumber(version)));
  }

  /** The folder of a model, found among what is there: a name from outside is compared, never joined to a path. */
  private async modelFolder(name: string): Promise<string> {
    const found = (await this.foldersIn(this.root)).find((folder) => folder === name);
    if (found !== undefined) return join(this.root, found);
    throw modelNotFound(name);
  }

  private async foldersIn(folder: string): Promise<string[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
    } catch (error) {
      throw new DomainError(
        'registry-unavailable',
        'The folder of model files cannot be read. Check UNDERSTUDY_REGISTRY_DIR, and that this user may read it',
        {},
        { cause: error },
      );
    }
  }

  private async describeModel(name: string): Promise<RegisteredModel> {
    const [latestVersion = null] = await this.versionsOf(name);
    const folder = await stat(join(this.root, name));
    return {
      name,
      description: null,
      tags: {},
      aliases: Object.fromEntries(await this.aliasesOf(name)),
      latestVersion,
      createdAt: null,
      updatedAt: folder.mtime,
    };
  }

  private async describeVersion(
    name: string,
    version: string,
    aliases: ReadonlyMap<string, string>,
  ): Promise<RegisteredVersion> {
    const folder = join(this.root, name, version);
    const uri = `models:/${name}/${version}`;
    const notes = await readVersionNotes(folder);
    const { flavors, servable, signature } = await this.readServability(folder, name, version, uri);
    return {
      name,
      version,
      uri,
      description: notes.description,
      aliases: [...aliases.keys()].filter((alias) => aliases.get(alias) === version).sort(),
      stage: null,
      tags: notes.tags,
      params: notes.params,
      metrics: notes.metrics,
      flavors,
      servable,
      signature,
      run: null,
      createdAt: notes.created ?? (await stat(folder)).mtime,
    };
  }

  private async readServability(
    folder: string,
    name: string,
    version: string,
    uri: string,
  ): Promise<Pick<RegisteredVersion, 'flavors' | 'servable' | 'signature'>> {
    const paths = new Set(await readdir(folder));
    if (!paths.has(MLMODEL_FILE)) {
      if (paths.has(LONE_MODEL_FILE)) return { flavors: ['onnx'], signature: null, servable: { ok: true } };
      return notServable(`${uri} has neither ${MLMODEL_FILE} nor ${LONE_MODEL_FILE}`);
    }
    const text = await readPlainText(join(folder, MLMODEL_FILE));
    if (text === undefined) return notServable(`the ${MLMODEL_FILE} of ${uri} is not a small plain file`);
    try {
      const { flavors, signature = null } = parseMlModel(text, uri);
      return { flavors, signature, servable: servability(flavors, name, version, uri) };
    } catch (error) {
      if (isDomainError(error)) return notServable(error.message);
      throw error;
    }
  }
}

const notServable = (why: string) =>
  ({ flavors: [], signature: null, servable: { ok: false, why } }) as const satisfies Partial<RegisteredVersion>;

/** Page tokens are the number of items already given. */
function page<Item>(all: readonly Item[], pageSize: number, pageToken: string | undefined): Page<Item> {
  const start = pageToken === undefined ? 0 : Number(pageToken);
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new DomainError('invalid-body', 'pageToken: expected the nextPageToken of an earlier page');
  }
  const end = start + pageSize;
  return { items: all.slice(start, end), nextPageToken: end < all.length ? String(end) : null };
}
