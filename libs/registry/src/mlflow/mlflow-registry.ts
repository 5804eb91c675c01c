import { DomainError, isDomainError } from '@understudy/platform';
import {
  type ModelFiles,
  ModelRegistry,
  type Page,
  type PageRequest,
  type RegisteredModel,
  type RegisteredVersion,
  type ResolvedVersion,
  type SourceRun,
} from '../model-registry';
import { isModelName, type ModelUri } from '../model-uri';
import { quoted } from '../quoted';
import { type ArtifactFolder, LoggedModelFolder, ProxiedFolder, proxiedRoot, RunFolder } from './artifact-folder';
import { inTurns } from './in-turns';
import { MlflowApi } from './mlflow-api';
import { badAnswer, MlflowHttp, type MlflowServer } from './mlflow-http';
import type { LoggedModelWire, ModelVersionWire, RegisteredModelWire, RunWire } from './mlflow-wire';
import { readServability, type Servability } from './read-servability';

const LOOKUPS_AT_ONCE = 8;
const LOGGED_MODEL_SOURCE = /^models:\/(m-[0-9a-f]{32})$/;

/** Where the bytes of a version are, as far as the registry says. */
interface Location {
  readonly artifactUri: string;
  readonly modelId: string | null;
  readonly runId: string | null;
}

/** Model versions of an MLflow server (2.x and 3.x), over its REST API. */
export class MlflowRegistry extends ModelRegistry {
  override readonly description: string;
  private readonly http: MlflowHttp;
  private readonly api: MlflowApi;
  /** Where the files of resolved versions are; a version is immutable, so this never goes stale. */
  private readonly locations = new WeakMap<ResolvedVersion, Location>();

  constructor(server: MlflowServer) {
    super();
    this.http = new MlflowHttp(server);
    this.api = new MlflowApi(this.http);
    this.description = `MLflow at ${this.http.baseUrl}`;
  }

  override async resolve(uri: ModelUri, requestedUri: string, signal: AbortSignal): Promise<ResolvedVersion> {
    switch (uri.kind) {
      case 'version':
        return this.pin(await this.api.version(uri.name, uri.version, signal), requestedUri, signal);
      case 'alias':
        return this.pin(await this.api.versionByAlias(uri.name, uri.alias, signal), requestedUri, signal);
      case 'latest':
        return this.pin(await this.api.latestVersion(uri.name, undefined, signal), requestedUri, signal);
      case 'stage':
        return this.pin(await this.api.latestVersion(uri.name, uri.stage, signal), requestedUri, signal);
      case 'logged-model':
        return this.pinLoggedModel(await this.api.loggedModel(uri.id, signal), requestedUri);
      case 'run':
        return this.pinRun(uri.runId, uri.path, requestedUri, signal);
    }
  }

  override async files(version: ResolvedVersion, signal: AbortSignal): Promise<ModelFiles> {
    const location = this.locations.get(version);
    if (location === undefined) throw new Error('files() takes a version that resolve() of the same registry returned');
    return this.folderAt(location, signal);
  }

  override async listModels(page: PageRequest, signal: AbortSignal): Promise<Page<RegisteredModel>> {
    const { models, nextPageToken } = await this.api.searchModels(page, signal);
    return { items: models.map(toRegisteredModel), nextPageToken };
  }

  override async listVersions(name: string, page: PageRequest, signal: AbortSignal): Promise<Page<RegisteredVersion>> {
    const model = await this.api.model(name, signal);
    const { versions, nextPageToken } = await this.api.searchVersions(name, page, signal);
    const items = await inTurns(versions, LOOKUPS_AT_ONCE, (version) => this.describe(version, model, signal));
    return { items, nextPageToken };
  }

  private async pin(version: ModelVersionWire, requestedUri: string, signal: AbortSignal): Promise<ResolvedVersion> {
    if (!isModelName(version.name)) throw badAnswer(`it calls the model ${quoted(version.name)}`);
    const uri = `models:/${version.name}/${version.version}`;
    if (version.status && version.status !== 'READY') {
      const why = version.status_message ? ` (${version.status_message})` : '';
      throw new DomainError(
        'model-not-servable',
        `${uri} is ${version.status}${why}; only READY versions can be loaded`,
      );
    }
    const artifactUri = await this.api.downloadUri(version.name, version.version, signal);
    const created = version.creation_timestamp?.getTime() ?? 0;
    const resolved: ResolvedVersion = {
      requestedUri,
      uri,
      name: version.name,
      version: version.version,
      filesKey: [this.http.baseUrl, uri, created, artifactUri].join('\n'),
    };
    this.locations.set(resolved, locationOf(version, artifactUri));
    return resolved;
  }

  private pinLoggedModel({ info }: LoggedModelWire, requestedUri: string): ResolvedVersion {
    const uri = `models:/${info.model_id}`;
    if (info.status && info.status !== 'LOGGED_MODEL_READY' && info.status !== 'READY') {
      throw new DomainError(
        'model-not-servable',
        `${uri} is ${info.status}; only a logged model that is READY can be loaded`,
      );
    }
    if (!info.artifact_uri) throw badAnswer(`it does not say where the files of ${uri} are`);
    const resolved: ResolvedVersion = {
      requestedUri,
      uri,
      name: info.name ?? info.model_id,
      version: null,
      filesKey: [this.http.baseUrl, uri, info.artifact_uri].join('\n'),
    };
    this.locations.set(resolved, { artifactUri: info.artifact_uri, modelId: info.model_id, runId: null });
    return resolved;
  }

  /** MLflow 3 logs a model beside the run, not under it; where both have the name, the logged model wins, as in MLflow's client. */
  private async pinRun(
    runId: string,
    path: string,
    requestedUri: string,
    signal: AbortSignal,
  ): Promise<ResolvedVersion> {
    const run = await this.api.run(runId, signal);
    const [modelName = path] = path.split('/');
    const logged = await this.api.loggedModelOfRun(run.info.experiment_id, runId, modelName, signal);
    if (logged !== undefined && modelName === path) return this.pinLoggedModel(logged, requestedUri);
    if (!run.info.artifact_uri) throw badAnswer(`it does not say where the files of run ${runId} are`);
    const resolved: ResolvedVersion = {
      requestedUri,
      uri: requestedUri,
      name: modelName,
      version: null,
      filesKey: undefined,
    };
    this.locations.set(resolved, { artifactUri: `${run.info.artifact_uri}/${path}`, modelId: null, runId });
    return resolved;
  }

  private async folderAt({ artifactUri, modelId, runId }: Location, signal: AbortSignal): Promise<ArtifactFolder> {
    const root = proxiedRoot(artifactUri, this.http);
    if (root !== undefined) return new ProxiedFolder(this.http, root);
    if (modelId !== null) return new LoggedModelFolder(this.http, modelId);
    const inRun = runId === null ? undefined : await this.pathInRun(runId, artifactUri, signal);
    if (runId !== null && inRun !== undefined) return new RunFolder(this.http, runId, inRun);
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(artifactUri)?.[0] ?? 'a local path';
    throw new DomainError(
      'unsafe-model-files',
      `The version's files are kept under ${scheme}, outside what the MLflow server serves. ` +
        'Log the version again through a server started with --serve-artifacts, which is its default',
    );
  }

  /** The path of `artifactUri` below the run's own artifacts, which is all that the server reads on a run's behalf. */
  private async pathInRun(runId: string, artifactUri: string, signal: AbortSignal): Promise<string | undefined> {
    const { info } = await this.api.run(runId, signal);
    const root = info.artifact_uri?.replace(/\/+$/, '');
    if (!root || !(artifactUri === root || artifactUri.startsWith(`${root}/`))) return undefined;
    return artifactUri.slice(root.length + 1);
  }

  private async describe(
    version: ModelVersionWire,
    model: RegisteredModelWire,
    signal: AbortSignal,
  ): Promise<RegisteredVersion> {
    const uri = `models:/${version.name}/${version.version}`;
    const modelId = LOGGED_MODEL_SOURCE.exec(version.source ?? '')?.[1];
    const run = version.run_id ? await orUndefined(this.api.run(version.run_id, signal)) : undefined;
    const logged = modelId === undefined ? undefined : await orUndefined(this.api.loggedModel(modelId, signal));
    const { flavors, servable, signature } = await this.readServability(version, uri, signal);
    return {
      name: version.name,
      version: version.version,
      uri,
      description: version.description || null,
      aliases: Object.keys(model.aliases)
        .filter((alias) => model.aliases[alias] === version.version)
        .sort(),
      stage: version.current_stage && version.current_stage !== 'None' ? version.current_stage : null,
      tags: version.tags,
      params: { ...logged?.data.params, ...run?.data.params },
      metrics: { ...logged?.data.metrics, ...run?.data.metrics },
      flavors,
      servable,
      signature,
      run: run === undefined ? null : this.sourceRun(run),
      createdAt: version.creation_timestamp ?? null,
    };
  }

  private async readServability(version: ModelVersionWire, uri: string, signal: AbortSignal): Promise<Servability> {
    return readServability(
      version,
      uri,
      async () => {
        const artifactUri = await this.api.downloadUri(version.name, version.version, signal);
        return this.folderAt(locationOf(version, artifactUri), signal);
      },
      signal,
    );
  }

  private sourceRun({ info }: RunWire): SourceRun {
    const experiment = encodeURIComponent(info.experiment_id);
    return {
      id: info.run_id,
      url: `${this.http.baseUrl}/#/experiments/${experiment}/runs/${encodeURIComponent(info.run_id)}`,
    };
  }
}

function locationOf(version: ModelVersionWire, artifactUri: string): Location {
  return {
    artifactUri,
    modelId: LOGGED_MODEL_SOURCE.exec(version.source ?? '')?.[1] ?? null,
    runId: version.run_id || null,
  };
}

function toRegisteredModel(model: RegisteredModelWire): RegisteredModel {
  // Not the aliases: one may name a version that was deleted.
  const versions = (model.latest_versions ?? []).map(({ version }) => Number(version));
  return {
    name: model.name,
    description: model.description || null,
    tags: model.tags,
    aliases: model.aliases,
    latestVersion: versions.length === 0 ? null : String(Math.max(...versions)),
    createdAt: model.creation_timestamp ?? null,
    updatedAt: model.last_updated_timestamp ?? null,
  };
}

/** The run or logged model behind a version may have been deleted; the version is still there to be shown. */
async function orUndefined<Value>(lookup: Promise<Value>): Promise<Value | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isDomainError(error, 'run-not-found') || isDomainError(error, 'model-not-found')) return undefined;
    throw error;
  }
}
