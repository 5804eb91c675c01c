import { DomainError } from '@understudy/platform';
import type { PageRequest } from '../model-registry';
import { aliasNotFound, modelNotFound, versionNotFound } from '../not-in-registry';
import { quoted } from '../quoted';
import { badAnswer, MlflowApiError, type MlflowHttp } from './mlflow-http';
import {
  answers,
  type LoggedModelWire,
  type ModelVersionWire,
  type RegisteredModelWire,
  type RunWire,
} from './mlflow-wire';

const API = '/api/2.0/mlflow';

/** The calls of MLflow's REST API that are used, with its errors turned into this product's. */
export class MlflowApi {
  constructor(private readonly http: MlflowHttp) {}

  async version(name: string, version: string, signal: AbortSignal): Promise<ModelVersionWire> {
    try {
      const path = `${API}/model-versions/get`;
      const { model_version: found } = await this.http.getJson(path, { name, version }, answers.modelVersion, signal);
      if (found.version !== version)
        throw badAnswer(`asked for version ${version}, it tells of version ${found.version}`);
      return found;
    } catch (error) {
      if (!(error instanceof MlflowApiError)) throw error;
      if (!hasNone(error)) throw unexpected(error);
      // MLflow says the same of an unknown version and of an unknown model; asking for the model tells which it is.
      await this.model(name, signal);
      throw versionNotFound(name, version);
    }
  }

  async versionByAlias(name: string, alias: string, signal: AbortSignal): Promise<ModelVersionWire> {
    const path = `${API}/registered-models/alias`;
    try {
      return (await this.http.getJson(path, { name, alias }, answers.modelVersion, signal)).model_version;
    } catch (error) {
      if (!(error instanceof MlflowApiError)) throw error;
      // MLflow answers 400 for an unknown alias, and 404 for an unknown model and for an alias whose version was deleted.
      if (error.status === 400) throw aliasNotFound(name, alias);
      if (!error.isNotFound) throw unexpected(error);
      const model = await this.model(name, signal);
      const version = Object.hasOwn(model.aliases, alias) ? model.aliases[alias] : undefined;
      throw version === undefined
        ? aliasNotFound(name, alias)
        : new DomainError(
            'model-version-not-found',
            `The alias ${quoted(alias)} of ${quoted(name)} names version ${version}, which was deleted. Set the alias to a version that is there`,
          );
    }
  }

  /** The highest version, over all stages or in one. MLflow tells the latest of each stage. */
  async latestVersion(name: string, stage: string | undefined, signal: AbortSignal): Promise<ModelVersionWire> {
    const body = stage === undefined ? { name } : { name, stages: [stage] };
    const path = `${API}/registered-models/get-latest-versions`;
    const { model_versions: versions } = await found(
      this.http.postJson(path, body, answers.modelVersions, signal),
      () => modelNotFound(name),
    );
    const highest = [...(versions ?? [])].sort((a, b) => Number(b.version) - Number(a.version))[0];
    if (highest !== undefined) return highest;
    throw new DomainError(
      'model-version-not-found',
      stage === undefined ? `${quoted(name)} has no versions` : `${quoted(name)} has no version in stage ${stage}`,
    );
  }

  async downloadUri(name: string, version: string, signal: AbortSignal): Promise<string> {
    const path = `${API}/model-versions/get-download-uri`;
    const missing = () => versionNotFound(name, version);
    return (await found(this.http.getJson(path, { name, version }, answers.downloadUri, signal), missing)).artifact_uri;
  }

  async model(name: string, signal: AbortSignal): Promise<RegisteredModelWire> {
    const path = `${API}/registered-models/get`;
    const missing = () => modelNotFound(name);
    return (await found(this.http.getJson(path, { name }, answers.registeredModel, signal), missing)).registered_model;
  }

  async searchModels(
    { pageSize, pageToken }: PageRequest,
    signal: AbortSignal,
  ): Promise<{ models: readonly RegisteredModelWire[]; nextPageToken: string | null }> {
    const query = { max_results: pageSize, page_token: pageToken, order_by: 'name ASC' };
    const answer = await this.http
      .getJson(`${API}/registered-models/search`, query, answers.registeredModels, signal)
      .catch(refusePageToken);
    return { models: answer.registered_models ?? [], nextPageToken: answer.next_page_token || null };
  }

  async searchVersions(
    name: string,
    { pageSize, pageToken }: PageRequest,
    signal: AbortSignal,
  ): Promise<{ versions: readonly ModelVersionWire[]; nextPageToken: string | null }> {
    const query = {
      filter: `name = ${quoteForFilter(name)}`,
      max_results: pageSize,
      page_token: pageToken,
      order_by: 'version_number DESC',
    };
    const answer = await this.http
      .getJson(`${API}/model-versions/search`, query, answers.modelVersions, signal)
      .catch(refusePageToken);
    return { versions: answer.model_versions ?? [], nextPageToken: answer.next_page_token || null };
  }

  async run(runId: string, signal: AbortSignal): Promise<RunWire> {
    const missing = () => new DomainError('run-not-found', `There is no run ${runId} in the MLflow server`);
    return (await found(this.http.getJson(`${API}/runs/get`, { run_id: runId }, answers.run, signal), missing)).run;
  }

  async loggedModel(id: string, signal: AbortSignal): Promise<LoggedModelWire> {
    const missing = () =>
      new DomainError(
        'model-not-found',
        `There is no logged model ${id} in the MLflow server (MLflow 3 and later have them)`,
      );
    return (await found(this.http.getJson(`${API}/logged-models/${id}`, {}, answers.loggedModel, signal), missing))
      .model;
  }

  /** The newest logged model that a run made under a name; undefined where there is none, and on servers before MLflow 3. */
  async loggedModelOfRun(
    experimentId: string,
    runId: string,
    name: string,
    signal: AbortSignal,
  ): Promise<LoggedModelWire | undefined> {
    const body = {
      experiment_ids: [experimentId],
      filter: `name = ${quoteForFilter(name)} AND source_run_id = '${runId}'`,
      order_by: [{ field_name: 'creation_timestamp', ascending: false }],
      max_results: 1,
    };
    try {
      return (await this.http.postJson(`${API}/logged-models/search`, body, answers.loggedModels, signal)).models?.[0];
    } catch (error) {
      if (error instanceof MlflowApiError) return undefined;
      throw error;
    }
  }
}

/** MLflow's filter language has no escape: the quote that the value lacks is the one to use. */
function quoteForFilter(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new DomainError('invalid-model-uri', 'MLflow cannot search for a name that holds both kinds of quotes');
}

async function found<Value>(answer: Promise<Value>, missing: () => DomainError): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof MlflowApiError)) throw error;
    throw hasNone(error) ? missing() : unexpected(error);
  }
}

/** Whether there is no such thing. MLflow refuses to look for names that nothing can have, such as those that begin with two dots. */
function hasNone(error: MlflowApiError): boolean {
  return error.isNotFound || error.errorCode === 'INVALID_PARAMETER_VALUE';
}

function refusePageToken(error: unknown): never {
  if (error instanceof MlflowApiError && error.status === 400) {
    throw new DomainError('invalid-body', 'pageToken: expected the nextPageToken of an earlier page');
  }
  throw error instanceof MlflowApiError ? unexpected(error) : error;
}

function unexpected(error: MlflowApiError): DomainError {
  return badAnswer(`${error.status}${error.errorCode === '' ? '' : ` ${error.errorCode}`}: ${error.message}`);
}
