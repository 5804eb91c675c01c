import { DomainError } from '@understudy/platform';
import { checkPath } from '../cache/model-file-rules';
import type { ModelFile, ModelFiles } from '../model-registry';
import { quoted } from '../quoted';
import { inTurns } from './in-turns';
import { badAnswer, MlflowApiError, type MlflowHttp, type Query } from './mlflow-http';
import { answers, type ListingEntryWire } from './mlflow-wire';

const API = '/api/2.0';
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 20;
const LISTINGS_AT_ONCE = 4;

/**
 * One folder of artifacts behind an MLflow server. The server has several routes to the same files, depending on how it was
 * started and what the files belong to; each is a kind of folder.
 */
export abstract class ArtifactFolder implements ModelFiles {
  constructor(protected readonly http: MlflowHttp) {}

  async open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await this.openFile(path, signal);
    } catch (error) {
      throw toDomainError(error, path);
    }
  }

  protected abstract openFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;

  /** One level below `folder` (empty for the root): paths relative to the root. */
  protected abstract listLevel(folder: string, signal: AbortSignal): Promise<readonly ListingEntryWire[]>;

  async list(signal: AbortSignal): Promise<readonly ModelFile[]> {
    try {
      return await this.listTree(signal);
    } catch (error) {
      throw toDomainError(error, '');
    }
  }

  private async listTree(signal: AbortSignal): Promise<readonly ModelFile[]> {
    const files: ModelFile[] = [];
    const seen = new Set<string>();
    let entries = 0;
    let level = [''];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > MAX_DEPTH) throw badAnswer(`it lists folders nested deeper than ${MAX_DEPTH} levels`);
      const listings = await inTurns(level, LISTINGS_AT_ONCE, (folder) => this.listLevel(folder, signal));
      level = [];
      for (const entry of listings.flat()) {
        if (++entries > MAX_ENTRIES) throw badAnswer(`it lists more than ${MAX_ENTRIES} files`);
        checkPath(entry.path);
        if (seen.has(entry.path)) throw badAnswer(`it lists ${quoted(entry.path)} twice`);
        seen.add(entry.path);
        if (entry.is_dir) level.push(entry.path);
        else files.push({ path: entry.path, bytes: entry.file_size ?? null });
      }
    }
    return files;
  }
}

/** Files behind the server's own artifact proxy: `mlflow-artifacts:/root`. Listings hold bare names. */
export class ProxiedFolder extends ArtifactFolder {
  constructor(
    http: MlflowHttp,
    private readonly root: string,
  ) {
    super(http);
  }

  protected override async openFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return this.http.stream(`${API}/mlflow-artifacts/artifacts/${encodePath(`${this.root}/${path}`)}`, {}, signal);
  }

  protected override async listLevel(folder: string, signal: AbortSignal): Promise<readonly ListingEntryWire[]> {
    const path = folder === '' ? this.root : `${this.root}/${folder}`;
    const { files } = await this.http.getJson(`${API}/mlflow-artifacts/artifacts`, { path }, answers.listing, signal);
    return files.map((entry) => ({ ...entry, path: folder === '' ? entry.path : `${folder}/${entry.path}` }));
  }
}

/** Files of a logged model (MLflow 3), read by the server from wherever it keeps them. */
export class LoggedModelFolder extends ArtifactFolder {
  constructor(
    http: MlflowHttp,
    private readonly modelId: string,
  ) {
    super(http);
  }

  protected override async openFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    // MLflow serves this one under /ajax-api only.
    return this.http.stream(
      `/ajax-api/2.0/mlflow/logged-models/${this.modelId}/artifacts/files`,
      { artifact_file_path: path },
      signal,
    );
  }

  protected override async listLevel(folder: string, signal: AbortSignal): Promise<readonly ListingEntryWire[]> {
    const query: Query = { artifact_directory_path: folder === '' ? undefined : folder };
    const url = `${API}/mlflow/logged-models/${this.modelId}/artifacts/directories`;
    return (await this.http.getJson(url, query, answers.listing, signal)).files;
  }
}

/** Files below a run's artifacts, read by the server. Listings hold paths from the run's root. */
export class RunFolder extends ArtifactFolder {
  constructor(
    http: MlflowHttp,
    private readonly runId: string,
    private readonly root: string,
  ) {
    super(http);
  }

  protected override async openFile(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return this.http.stream('/get-artifact', { run_id: this.runId, path: this.fromRunRoot(path) }, signal);
  }

  protected override async listLevel(folder: string, signal: AbortSignal): Promise<readonly ListingEntryWire[]> {
    const query: Query = { run_id: this.runId, path: this.fromRunRoot(folder) };
    const { files } = await this.http.getJson(`${API}/mlflow/artifacts/list`, query, answers.listing, signal);
    const prefix = this.root === '' ? '' : `${this.root}/`;
    return files.map((entry) => {
      if (!entry.path.startsWith(prefix)) throw badAnswer('it lists files of another folder than the one asked for');
      return { ...entry, path: entry.path.slice(prefix.length) };
    });
  }

  private fromRunRoot(path: string): string {
    return [this.root, path].filter((part) => part !== '').join('/');
  }
}

/** What stands for a folder: the proxy's path for locations behind the artifact proxy of this very server, else undefined. */
export function proxiedRoot(location: string, http: MlflowHttp): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme === 'mlflow-artifacts') {
    const [, authority, path = ''] = /^mlflow-artifacts:(?:\/\/([^/]*))?(\/?.*)$/i.exec(location) ?? [];
    if (authority !== undefined && authority !== '') {
      const server = originOf(`${new URL(http.origin).protocol}//${authority}`);
      if (server !== http.origin) throw elsewhere(server ?? 'an unknown place', http);
    }
    return checkedRoot(path);
  }
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const prefix = `${new URL(http.baseUrl).pathname.replace(/\/$/, '')}${API}/mlflow-artifacts/artifacts/`;
  if (url?.origin !== http.origin || !url.pathname.startsWith(prefix))
    throw elsewhere(url?.origin ?? 'an unknown place', http);
  return checkedRoot(url.pathname.slice(prefix.length));
}

/** Undefined for what is no address, or holds credentials. */
function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.username === '' && url.password === '' ? url.origin : undefined;
}

function checkedRoot(path: string): string {
  const root = path.replace(/\/{2,}/g, '/').replace(/^\/|\/$/g, '');
  checkPath(root);
  return root;
}

function elsewhere(where: string, http: MlflowHttp): DomainError {
  return new DomainError(
    'unsafe-model-files',
    `The version's files are kept at ${where}; Understudy reads only what the MLflow server at ${http.baseUrl} serves itself`,
  );
}

function toDomainError(error: unknown, path: string): unknown {
  if (!(error instanceof MlflowApiError)) return error;
  const what = path === '' ? "the version's files" : `the file ${quoted(path)}`;
  if (error.isNotFound)
    return new DomainError('model-not-servable', `The registry does not have ${what}, which the version should hold`);
  return badAnswer(`${error.status} when asked for ${what}: ${error.message}`);
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
