import { type FakeStore, runRoot, type StoredModel, type StoredVersion } from './fake-store';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a route needs of a request: the members of its query string or of its JSON body. */
export interface Asked {
  readonly method: string;
  /** Without the query string, percent-decoded. */
  readonly path: string;
  readonly contentType: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An error of MLflow's own form. */
class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }
}

const missing = (what: string) => new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', `${what} not found`);
const invalid = (what: string) => new ApiError(400, 'INVALID_PARAMETER_VALUE', what);

const JSON_TYPE = { 'Content-Type': 'application/json' };

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(value, null, 2)) };
}

export function textAnswer(status: number, text: string, type = 'text/plain'): Answer {
  return { status, headers: { 'Content-Type': type }, body: Buffer.from(text) };
}

const NO_SUCH_ROUTE = textAnswer(404, '<!doctype html>\n<title>404 Not Found</title>', 'text/html');

/** What an MLflow server that behaves answers. */
export function answerOf(store: FakeStore, asked: Asked): Answer {
  try {
    return route(store, asked) ?? NO_SUCH_ROUTE;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return jsonAnswer({ error_code: error.errorCode, message: error.message }, error.status);
  }
}

function route(store: FakeStore, asked: Asked): Answer | undefined {
  const { method, path, query } = asked;
  if (path === '/get-artifact')
    return fileAnswer(store, `${runRoot(query.get('run_id') ?? '')}/${query.get('path') ?? ''}`);
  const proxied = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/s.exec(path);
  if (proxied) return proxiedAnswer(store, proxied[1], query);
  const ajaxFile = /^\/ajax-api\/2\.0\/mlflow\/logged-models\/([^/]+)\/artifacts\/files$/.exec(path);
  if (ajaxFile && store.options.layout === '3.x') {
    return fileAnswer(store, `${loggedModel(store, ajaxFile[1] ?? '').root}/${query.get('artifact_file_path') ?? ''}`);
  }
  const api = /^\/(?:ajax-)?api\/2\.0\/mlflow\/(.*)$/.exec(path)?.[1];
  if (api === undefined) return undefined;
  if (method === 'POST' && !asked.contentType.startsWith('application/json'))
    throw invalid('Bad Request. Content-Type');
  const value = apiAnswer(store, `${method} ${api}`, asked);
  return value === undefined ? undefined : jsonAnswer(value);
}

function apiAnswer(store: FakeStore, call: string, { query, body }: Asked): unknown {
  const given = (name: string): string => {
    const value = query.get(name) ?? body[name];
    if (typeof value === 'string' && value !== '') return value;
    throw invalid(`Missing value for required parameter '${name}'`);
  };
  switch (call) {
    case 'GET registered-models/get':
      return { registered_model: modelJson(modelCalled(store, given('name'))) };
    case 'GET registered-models/search': {
      const models = [...store.models.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(modelJson);
      return paged('registered_models', models, query);
    }
    case 'POST registered-models/get-latest-versions': {
      const stages = Array.isArray(body['stages']) ? (body['stages'] as string[]) : undefined;
      const versions = latestOfStages(modelCalled(store, given('name')), stages);
      return versions.length === 0 ? {} : { model_versions: versions.map((version) => versionJson(store, version)) };
    }
    case 'GET registered-models/alias':
      return { model_version: versionJson(store, versionOfAlias(store, given('name'), given('alias')), true) };
    case 'GET model-versions/get':
      return { model_version: versionJson(store, versionNumbered(store, given('name'), given('version')), true) };
    case 'GET model-versions/search': {
      const name = /^name = (['"])(.*)\1$/s.exec(given('filter'))?.[2];
      const versions = store.versionsByNumber().filter((version) => version.name === name);
      return paged(
        'model_versions',
        versions.map((version) => versionJson(store, version)),
        query,
      );
    }
    case 'GET model-versions/get-download-uri': {
      const version = versionNumbered(store, given('name'), given('version'));
      return { artifact_uri: version.downloadUri ?? store.uriOf(version.root) };
    }
    case 'GET runs/get':
      return { run: runJson(store, given('run_id')) };
    case 'GET artifacts/list':
      return runListing(store, given('run_id'), query.get('path') ?? '');
    default:
      return store.options.layout === '3.x' ? loggedModelAnswer(store, call, query, body) : undefined;
  }
}

/** The routes that came with MLflow 3. */
function loggedModelAnswer(store: FakeStore, call: string, query: URLSearchParams, body: Asked['body']): unknown {
  if (call === 'POST logged-models/search') {
    const filter = typeof body['filter'] === 'string' ? body['filter'] : '';
    const [, name, runId] = /^name = '(.*)' AND source_run_id = '(.*)'$/.exec(filter) ?? [];
    const found = store.versionsByNumber().filter((version) => version.runId === runId && name === 'model');
    return found.length === 0 ? {} : { models: found.map((version) => loggedModelJson(store, version)) };
  }
  const [, id = '', listing] = /^GET logged-models\/([^/]+)(\/artifacts\/directories)?$/.exec(call) ?? [];
  if (id === '') return undefined;
  const version = loggedModel(store, id);
  if (listing === undefined) return { model: loggedModelJson(store, version) };
  const folder = query.get('artifact_directory_path') ?? '';
  const prefix = folder === '' ? '' : `${folder}/`;
  const files = store.list(`${version.root}/${folder}`).map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
  return { root_uri: store.uriOf(version.root), files };
}

function proxiedAnswer(store: FakeStore, file: string | undefined, query: URLSearchParams): Answer {
  if (!store.options.servesArtifacts) {
    return textAnswer(
      503,
      'Endpoint: /api/2.0/mlflow-artifacts/artifacts disabled due to the mlflow server running with --no-serve-artifacts',
    );
  }
  if (file !== undefined) return fileAnswer(store, file);
  const files = store.list(query.get('path') ?? '');
  return jsonAnswer(files.length === 0 ? {} : { files });
}

function fileAnswer(store: FakeStore, path: string): Answer {
  const body = store.read(path);
  if (body === undefined) throw missing(`No such artifact: ${path}`);
  const name = path.split('/').at(-1) ?? '';
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename=${encodeURIComponent(name)}`,
  };
  return { status: 200, headers, body };
}

function runListing(store: FakeStore, runId: string, path: string): unknown {
  const files = store.list(`${runRoot(runId)}/${path}`);
  const prefix = path === '' ? '' : `${path}/`;
  return {
    root_uri: store.uriOf(runRoot(runId)),
    ...(files.length === 0 ? {} : { files: files.map((entry) => ({ ...entry, path: `${prefix}${entry.path}` })) }),
  };
}

function paged(member: string, all: readonly unknown[], query: URLSearchParams): unknown {
  const start = Number(Buffer.from(query.get('page_token') ?? '', 'base64').toString() || '0');
  if (!Number.isInteger(start)) throw invalid('Invalid page token');
  const end = start + Number(query.get('max_results') ?? '100');
  const items = all.slice(start, end);
  return {
    ...(items.length === 0 ? {} : { [member]: items }),
    ...(end < all.length ? { next_page_token: Buffer.from(String(end)).toString('base64') } : {}),
  };
}

function modelCalled(store: FakeStore, name: string): StoredModel {
  const model = store.models.get(name);
  if (model === undefined) throw missing(`Registered Model with name=${name}`);
  return model;
}

function versionNumbered(store: FakeStore, name: string, number: string): StoredVersion {
  const version = store.models.get(name)?.versions.get(Number(number));
  if (version === undefined) throw missing(`Model Version (name=${name}, version=${number})`);
  return version;
}

function versionOfAlias(store: FakeStore, name: string, alias: string): StoredVersion {
  const number = modelCalled(store, name).aliases.get(alias);
  if (number === undefined) throw invalid(`Registered model alias ${alias} not found.`);
  return versionNumbered(store, name, String(number));
}

function loggedModel(store: FakeStore, id: string): StoredVersion {
  const version = store.versionOfModelId(id);
  if (version === undefined) throw missing(`Logged model with ID '${id}'`);
  return version;
}

function latestOfStages({ versions }: StoredModel, stages: readonly string[] | undefined): StoredVersion[] {
  const latest = new Map<string, StoredVersion>();
  for (const version of [...versions.values()].sort((a, b) => a.version - b.version))
    latest.set(version.stage ?? 'None', version);
  return [...latest].filter(([stage]) => stages?.includes(stage) ?? true).map(([, version]) => version);
}

/** Aliases of a version are filled by a few routes only, as in MLflow. */
function versionJson(store: FakeStore, version: StoredVersion, withAliases = false): object {
  const aliases = [...(store.models.get(version.name)?.aliases ?? [])]
    .filter(([, number]) => number === version.version)
    .map(([alias]) => alias);
  return {
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdAt,
    last_updated_timestamp: version.createdAt,
    current_stage: version.stage ?? 'None',
    description: version.description ?? '',
    source: version.source ?? (version.modelId === null ? store.uriOf(version.root) : `models:/${version.modelId}`),
    run_id: version.runId,
    status: version.status ?? 'READY',
    tags: pairs(version.tags),
    ...(withAliases && aliases.length > 0 ? { aliases } : {}),
  };
}

function modelJson(model: StoredModel): object {
  const latest = latestOfStages(model, undefined);
  return {
    name: model.name,
    creation_timestamp: latest[0]?.createdAt ?? 0,
    last_updated_timestamp: latest.at(-1)?.createdAt ?? 0,
    ...(latest.length === 0
      ? {}
      : { latest_versions: latest.map(({ name, version }) => ({ name, version: String(version) })) }),
    aliases: [...model.aliases].map(([alias, version]) => ({ alias, version: String(version) })),
  };
}

function runJson(store: FakeStore, runId: string): object {
  const version = store.versionOfRun(runId);
  if (version === undefined) throw missing(`Run '${runId}'`);
  return {
    info: { run_id: runId, experiment_id: store.experimentId, artifact_uri: store.uriOf(runRoot(runId)) },
    data: { metrics: pairs(version.metrics), params: pairs(version.params) },
  };
}

function loggedModelJson(store: FakeStore, version: StoredVersion): object {
  return {
    info: {
      model_id: version.modelId,
      experiment_id: store.experimentId,
      name: 'model',
      creation_timestamp_ms: version.createdAt,
      artifact_uri: store.uriOf(version.root),
      status: 'LOGGED_MODEL_READY',
      source_run_id: version.runId,
    },
    data: {},
  };
}

const pairs = (values: Readonly<Record<string, string | number>> = {}): { key: string; value: string | number }[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
