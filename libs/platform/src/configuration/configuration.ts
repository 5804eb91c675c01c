import { join } from 'node:path';
import { SETTINGS, type Setting, type SettingName, type SettingValues } from './settings';
import { isLoopback } from './loopback';

/** Where and how HTTP is served. */
export class HttpSettings {
  constructor(
    readonly host: string,
    readonly port: number,
    readonly maxJsonBytes: number,
    readonly maxBodyBytes: number,
    readonly requestTimeoutMs: number,
    readonly lameDuckMs: number,
    readonly maxConnections: number,
    readonly maxLiveStreams: number,
  ) {}
}

/** Credentials and certificates for the MLflow server. */
export interface MlflowCredentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  /** A file with the token, which may change at any time. */
  readonly tokenPath: string | undefined;
  readonly caPath: string | undefined;
  readonly clientCertPath: string | undefined;
  readonly insecureTls: boolean;
}

/** Where model versions come from. */
export class RegistrySettings {
  constructor(
    readonly source:
      | { readonly kind: 'folder'; readonly directory: string }
      | {
          readonly kind: 'mlflow';
          readonly trackingUri: string;
          readonly credentials: MlflowCredentials;
          readonly requestTimeoutMs: number;
          readonly maxRetries: number;
        },
    readonly fetchTimeoutMs: number,
    readonly maxModelBytes: number,
    /** What the model cache may hold. */
    readonly cacheBytes: number,
  ) {}
}

/** How a runner process is started. */
export interface RunnerProgram {
  /** The file that Node runs. */
  readonly path: string;
  /** The only environment variables that it sees. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a runner may take, and how much may wait for it. */
export interface RunnerLimits {
  /** Undefined where it follows from what was measured. */
  readonly runTimeoutMs: number | undefined;
  /** Undefined where it follows from the machine. */
  readonly memoryBytes: number | undefined;
  readonly maxOutputBytes: number;
  readonly maxWaitingRequests: number;
  readonly maxWaitingRows: number;
  readonly maxWaitingBytes: number;
  readonly maxWaitingBytesInAll: number;
}

/** How models are run, where the operator says so. */
export interface ExecutionDefaults {
  readonly threads: SettingValues['UNDERSTUDY_RUNNER_THREADS'];
  readonly provider: SettingValues['UNDERSTUDY_EXECUTION_PROVIDER'];
}

/** How many processes serve. */
export interface ServingCounts {
  /** Processes that answer predictions; with 1 it is the one that owns the slots. */
  readonly workers: number;
  /** Runners that share the requests of a version, where its deployment does not say. */
  readonly replicas: number;
  /** Whether the version in current has one more that stands by. */
  readonly standby: boolean;
}

/** How versions are held and run. */
export class ModelSlotsSettings {
  constructor(
    readonly initialModelUri: string,
    readonly dataDirectory: string,
    readonly loadTimeoutMs: number,
    readonly requestTimeoutMs: number,
    readonly execution: ExecutionDefaults,
    readonly maxOptimizedGraphBytes: number,
    readonly runnerLimits: RunnerLimits,
    readonly runner: RunnerProgram,
    readonly servingCounts: ServingCounts,
  ) {}
}

/** How changes are made over several replicas. */
export class ControlSettings {
  constructor(
    /** The share of the live replicas that must hold next ready before a promotion. */
    readonly promoteShare: number,
    readonly promoteWaitMs: number,
  ) {}
}

/** Who may do what. */
export class AccessSettings {
  constructor(
    readonly mode: 'none' | 'tokens',
    /** The first administrator's token. */
    readonly adminToken: string | undefined,
    /** Lower-case names by which the server may be addressed, beside those of loopback. */
    readonly allowedHosts: readonly string[],
    /** How many entries from its end X-Forwarded-For names the client; 0 where it is not to be believed. */
    readonly trustedProxies: number,
    /** How long after its sign-in a session ends at the latest. */
    readonly sessionMs: number,
  ) {}
}

/** Where the durable state is kept. */
export type DatabaseSetting =
  { readonly kind: 'embedded'; readonly path: string } | { readonly kind: 'postgres'; readonly url: string };

/** What is counted and told of predictions. */
export class ObservationSettings {
  constructor(
    readonly countsPredictions: boolean,
    /** 0 tells none. */
    readonly slowPredictionMs: number,
  ) {}
}

export class LogSettings {
  constructor(
    readonly level: SettingValues['UNDERSTUDY_LOG_LEVEL'],
    readonly format: 'json' | 'text',
  ) {}
}

/** Everything the environment says, checked once before anything starts. Inject the slice that a class needs, not this. */
export interface Configuration {
  readonly http: HttpSettings;
  readonly registry: RegistrySettings;
  readonly modelSlots: ModelSlotsSettings;
  readonly control: ControlSettings;
  readonly access: AccessSettings;
  readonly database: DatabaseSetting;
  readonly observation: ObservationSettings;
  readonly log: LogSettings;
}

/** What the product brings along, found where it is installed. */
export interface Installation {
  /** The folder registry that is served when none is named. */
  readonly bundledModels: string;
  /** The program of a runner process. */
  readonly runner: string;
  /** Whether a person reads standard output. */
  readonly onTerminal: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigurationResult =
  | {
      readonly ok: true;
      readonly configuration: Configuration;
      /** Variables that are named like a setting and are none: a slip of the pen that would else pass in silence. */
      readonly notSettings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads every setting and reports every problem, not only the first. Values of secret settings are never in a problem. */
export function readConfiguration(environment: Environment, installation: Installation): ConfigurationResult {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
    const raw = environment[name] === '' ? undefined : environment[name];
    const parsed = setting.schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name}: ${describeProblem(parsed.error.issues[0]?.message, raw, setting)}`);
  }
  const settings = values as SettingValues;
  if (problems.length === 0) problems.push(...contradictions(settings));
  return problems.length > 0
    ? { ok: false, problems }
    : {
        ok: true,
        configuration: toConfiguration(settings, installation, environment),
        notSettings: Object.keys(environment).filter(isNamedLikeSetting),
      };
}

/** Kubernetes sets UNDERSTUDY_SERVICE_... and UNDERSTUDY_PORT... where a Service is called understudy. */
function isNamedLikeSetting(name: string): boolean {
  return name.startsWith('UNDERSTUDY_') && !(name in SETTINGS) && !/^UNDERSTUDY_(SERVICE|PORT)(_|$)/.test(name);
}

const USER_IN_ADDRESS = /\/\/[^/]*@/;

function describeProblem(expected: string | undefined, raw: string | undefined, setting: Setting): string {
  const came = setting.secret ? '(hidden)' : JSON.stringify(raw?.replace(USER_IN_ADDRESS, '//(hidden)@'));
  return `${expected ?? 'not understood'}; got ${came}`;
}

function contradictions(settings: SettingValues): string[] {
  const found: string[] = [];
  if (settings.MLFLOW_TRACKING_INSECURE_TLS && settings.MLFLOW_TRACKING_SERVER_CERT_PATH !== undefined) {
    found.push(
      'MLFLOW_TRACKING_INSECURE_TLS: trusts any certificate, while MLFLOW_TRACKING_SERVER_CERT_PATH names whom to trust; set one of them',
    );
  }
  return found;
}

function toConfiguration(settings: SettingValues, installation: Installation, environment: Environment): Configuration {
  return {
    http: new HttpSettings(
      settings.HOST,
      settings.PORT,
      settings.UNDERSTUDY_MAX_JSON_BYTES,
      settings.UNDERSTUDY_MAX_BODY_BYTES,
      settings.UNDERSTUDY_REQUEST_TIMEOUT_MS,
      settings.UNDERSTUDY_LAME_DUCK_MS,
      settings.UNDERSTUDY_MAX_CONNECTIONS,
      settings.UNDERSTUDY_MAX_LIVE_STREAMS,
    ),
    registry: new RegistrySettings(
      registrySource(settings, installation),
      settings.UNDERSTUDY_FETCH_TIMEOUT_MS,
      settings.UNDERSTUDY_MAX_MODEL_BYTES,
      settings.UNDERSTUDY_CACHE_BYTES,
    ),
    modelSlots: new ModelSlotsSettings(
      settings.UNDERSTUDY_MODEL_URI,
      settings.UNDERSTUDY_DATA_DIR,
      settings.UNDERSTUDY_LOAD_TIMEOUT_MS,
      settings.UNDERSTUDY_REQUEST_TIMEOUT_MS,
      { threads: settings.UNDERSTUDY_RUNNER_THREADS, provider: settings.UNDERSTUDY_EXECUTION_PROVIDER },
      settings.UNDERSTUDY_MAX_OPTIMIZED_GRAPH_BYTES,
      runnerLimits(settings),
      { path: installation.runner, environment: runnerEnvironment(environment) },
      {
        workers: settings.UNDERSTUDY_WORKERS,
        replicas: settings.UNDERSTUDY_RUNNERS,
        standby: settings.UNDERSTUDY_STANDBY,
      },
    ),
    control: new ControlSettings(settings.UNDERSTUDY_PROMOTE_SHARE, settings.UNDERSTUDY_PROMOTE_WAIT_MS),
    access: new AccessSettings(
      settings.UNDERSTUDY_AUTH ?? (isLoopback(settings.HOST) ? 'none' : 'tokens'),
      settings.UNDERSTUDY_ADMIN_TOKEN,
      settings.UNDERSTUDY_ALLOWED_HOSTS,
      settings.UNDERSTUDY_TRUSTED_PROXIES,
      settings.UNDERSTUDY_SESSION_MS,
    ),
    database:
      settings.DATABASE_URL === undefined
        ? { kind: 'embedded', path: join(settings.UNDERSTUDY_DATA_DIR, 'understudy.db') }
        : { kind: 'postgres', url: settings.DATABASE_URL },
    observation: new ObservationSettings(settings.UNDERSTUDY_METRICS, settings.UNDERSTUDY_SLOW_PREDICTION_MS),
    log: new LogSettings(
      settings.UNDERSTUDY_LOG_LEVEL,
      settings.UNDERSTUDY_LOG_FORMAT ?? (installation.onTerminal ? 'text' : 'json'),
    ),
  };
}

function runnerLimits(settings: SettingValues): RunnerLimits {
  return {
    runTimeoutMs: settings.UNDERSTUDY_RUN_TIMEOUT_MS,
    memoryBytes: settings.UNDERSTUDY_RUNNER_MEMORY_BYTES,
    maxOutputBytes: settings.UNDERSTUDY_MAX_OUTPUT_BYTES,
    maxWaitingRequests: settings.UNDERSTUDY_MAX_WAITING_REQUESTS,
    maxWaitingRows: settings.UNDERSTUDY_MAX_WAITING_ROWS,
    maxWaitingBytes: settings.UNDERSTUDY_MAX_WAITING_BYTES,
    maxWaitingBytesInAll: settings.UNDERSTUDY_MAX_WAITING_BYTES_IN_ALL,
  };
}

/** What native libraries may need to find themselves and their devices; nothing else, so no credential reaches a runner. */
const FOR_RUNNERS =
  /^(PATH|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|DYLD_FALLBACK_LIBRARY_PATH|TZ|LANG|LC_ALL|TMPDIR|SystemRoot|CUDA_.*|NVIDIA_.*|OMP_.*)$/;

function runnerEnvironment(environment: Environment): Record<string, string> {
  const kept = Object.entries(environment).filter(([name, value]) => value !== undefined && FOR_RUNNERS.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

function registrySource(settings: SettingValues, { bundledModels }: Installation): RegistrySettings['source'] {
  if (settings.MLFLOW_TRACKING_URI === undefined) {
    return { kind: 'folder', directory: settings.UNDERSTUDY_REGISTRY_DIR ?? bundledModels };
  }
  return {
    kind: 'mlflow',
    trackingUri: settings.MLFLOW_TRACKING_URI,
    credentials: {
      username: settings.MLFLOW_TRACKING_USERNAME,
      password: settings.MLFLOW_TRACKING_PASSWORD,
      token: settings.MLFLOW_TRACKING_TOKEN,
      tokenPath: settings.UNDERSTUDY_MLFLOW_TOKEN_FILE,
      caPath: settings.MLFLOW_TRACKING_SERVER_CERT_PATH,
      clientCertPath: settings.MLFLOW_TRACKING_CLIENT_CERT_PATH,
      insecureTls: settings.MLFLOW_TRACKING_INSECURE_TLS,
    },
    requestTimeoutMs: settings.MLFLOW_HTTP_REQUEST_TIMEOUT * 1000,
    maxRetries: settings.MLFLOW_HTTP_REQUEST_MAX_RETRIES,
  };
}
