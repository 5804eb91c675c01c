import { z } from 'zod';

/** One setting as people know it: where it is read from, what it is when nobody sets it, and what it means. */
export interface Setting<Value = unknown> {
  readonly schema: z.ZodType<Value, string | undefined>;
  /** How the default reads in the reference table. */
  readonly byDefault: string;
  readonly meaning: string;
  /** Never shown, neither in a log nor in an error. */
  readonly secret?: true;
}

const MIB = 1024 * 1024;

const text = () => z.string().trim().min(1);

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${from} to ${to}`)
    .transform(Number)
    .pipe(z.number().min(from, `expected at least ${from}`).max(to, `expected at most ${to}`));

const share = () =>
  z
    .string()
    .regex(/^(0|1|[01]?\.\d{1,6})$/, 'expected a number from 0 to 1')
    .transform(Number)
    .pipe(z.number().max(1, 'expected a number from 0 to 1'));

const yesOrNo = () =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false', '1', '0'], 'expected true or false'))
    .transform((value) => value === 'true' || value === '1');

const hostNames = () =>
  text()
    .toLowerCase()
    .transform((value) => value.split(',').map((name) => name.trim()))
    .refine(
      (names) => names.every((name) => /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name)),
      'expected host names without ports, parted by commas, as in "models.example.com,10.0.0.7"',
    );

const httpUrl = () =>
  text()
    .refine(
      (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
      'expected http(s)://host[:port][/prefix] of an MLflow server; to serve from a folder of model files, leave it out and set UNDERSTUDY_REGISTRY_DIR',
    )
    .transform((value) => value.replace(/\/+$/, ''));

const postgresUrl = () =>
  text().refine(
    (value) => /^postgres(ql)?:\/\//i.test(value) && URL.canParse(value),
    'expected postgres://user:password@host:port/database; to keep the state in a file beside the server, leave it out',
  );

/**
 * Every setting there is, in the order of the reference table in docs/settings.md (a test compares the two).
 * An environment variable set to the empty string counts as not set.
 */
export const SETTINGS = {
  PORT: {
    schema: wholeNumber(0, 65_535).default(8000),
    byDefault: '8000',
    meaning: 'Port to listen on; 0 takes a free one.',
  },
  HOST: {
    schema: text().default('127.0.0.1'),
    byDefault: '127.0.0.1',
    meaning:
      'Address to listen on. On any other than loopback callers need a token unless UNDERSTUDY_AUTH=none is said aloud.',
  },
  UNDERSTUDY_AUTH: {
    schema: z.enum(['none', 'tokens'], 'expected none or tokens').optional(),
    byDefault: 'none on loopback, tokens elsewhere',
    meaning:
      'tokens asks every caller for a token (docs/access.md); none lets everybody who reaches the port do everything, which on any other address than loopback must be said aloud.',
  },
  UNDERSTUDY_ADMIN_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,512}$/, 'expected 16 to 512 printable characters without spaces')
      .optional(),
    byDefault: 'none',
    meaning:
      'Token of the first administrator, for setting up the others; known to no database. Make it random, and the same on every replica.',
    secret: true,
  },
  UNDERSTUDY_ALLOWED_HOSTS: {
    schema: hostNames().default([]),
    byDefault: 'loopback names only on loopback, any elsewhere',
    meaning:
      'Host names, parted by commas, by which the server may be addressed beside localhost, 127.0.0.1 and [::1]; requests under any other are answered 421.',
  },
  UNDERSTUDY_SESSION_MS: {
    schema: wholeNumber(1000, 30 * 24 * 60 * 60 * 1000).default(8 * 60 * 60 * 1000),
    byDefault: '28800000 (8 hours)',
    meaning:
      'Milliseconds after a sign-in to the dashboard in which its session ends, used or not; the same on every replica. One that is not used for an hour ends in any case.',
  },
  UNDERSTUDY_TRUSTED_PROXIES: {
    schema: wholeNumber(0, 10).default(0),
    byDefault: '0: X-Forwarded-For is ignored',
    meaning:
      'How many proxies stand in front, each adding to X-Forwarded-For: the address of the client is that many entries from its end.',
  },
  DATABASE_URL: {
    schema: postgresUrl().optional(),
    byDefault: 'the embedded database in UNDERSTUDY_DATA_DIR',
    meaning: 'PostgreSQL database that several replicas share, as postgres://user:password@host:port/database.',
    secret: true,
  },
  MLFLOW_TRACKING_URI: {
    schema: httpUrl().optional(),
    byDefault: 'none: the folder registry serves',
    meaning: 'The MLflow server whose registry is served, as http(s)://host[:port][/prefix].',
  },
  MLFLOW_TRACKING_USERNAME: {
    schema: text().optional(),
    byDefault: 'none',
    meaning:
      'User name for HTTP basic authentication at the MLflow server; wins over a token when the password is set too.',
  },
  MLFLOW_TRACKING_PASSWORD: {
    schema: text().optional(),
    byDefault: 'none',
    meaning: 'Password for MLFLOW_TRACKING_USERNAME.',
    secret: true,
  },
  MLFLOW_TRACKING_TOKEN: {
    schema: text().optional(),
    byDefault: 'none',
    meaning: 'Bearer token for the MLflow server.',
    secret: true,
  },
  UNDERSTUDY_MLFLOW_TOKEN_FILE: {
    schema: text().optional(),
    byDefault: 'none',
    meaning:
      'File with the bearer token for the MLflow server, read before each request: a token that was rotated counts without a restart. Wins over MLFLOW_TRACKING_TOKEN.',
  },
  MLFLOW_TRACKING_SERVER_CERT_PATH: {
    schema: text().optional(),
    byDefault: "the system's certificate authorities",
    meaning: 'PEM file with the certificate authorities that vouch for the MLflow server.',
  },
  MLFLOW_TRACKING_CLIENT_CERT_PATH: {
    schema: text().optional(),
    byDefault: 'none',
    meaning: 'PEM file with the client certificate and its key, for MLflow servers that ask for one.',
  },
  MLFLOW_TRACKING_INSECURE_TLS: {
    schema: yesOrNo().default(false),
    byDefault: 'false',
    meaning:
      'true trusts any certificate of the MLflow server. Give MLFLOW_TRACKING_SERVER_CERT_PATH instead where you can.',
  },
  MLFLOW_HTTP_REQUEST_TIMEOUT: {
    schema: wholeNumber(1, 3600).default(30),
    byDefault: '30',
    meaning: 'Seconds that one request to the MLflow server may take until its answer begins.',
  },
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: {
    schema: wholeNumber(0, 10).default(3),
    byDefault: '3',
    meaning:
      'How often a request to the MLflow server is tried again after a lost connection or a 408, 429, 500, 502, 503 or 504.',
  },
  UNDERSTUDY_REGISTRY_DIR: {
    schema: text().optional(),
    byDefault: 'the bundled models/',
    meaning:
      'Folder registry, used without MLFLOW_TRACKING_URI: NAME/VERSION/ holds an MLflow model folder or a lone model.onnx.',
  },
  UNDERSTUDY_MODEL_URI: {
    schema: text()
      .regex(
        /^(models|runs):\//i,
        'expected a model URI such as models:/name/3, models:/name@alias or runs:/run_id/path',
      )
      .default('models:/tracking-quickstart/1'),
    byDefault: 'models:/tracking-quickstart/1',
    meaning:
      'What both slots of the deployment "default" hold on the very first start; the server keeps looking until the registry has it.',
  },
  UNDERSTUDY_DATA_DIR: {
    schema: text().default('.understudy'),
    byDefault: '.understudy',
    meaning: 'Folder for the model cache, the optimised graphs and the embedded database.',
  },
  UNDERSTUDY_PROMOTE_SHARE: {
    schema: share().default(1),
    byDefault: '1',
    meaning: 'Share of the live replicas, from 0 to 1, that must hold next ready before a promotion.',
  },
  UNDERSTUDY_PROMOTE_WAIT_MS: {
    schema: wholeNumber(0, 600_000).default(10_000),
    byDefault: '10000',
    meaning: 'Milliseconds that a promotion waits for those replicas before it is refused.',
  },
  UNDERSTUDY_CACHE_BYTES: {
    schema: wholeNumber(1024, Number.MAX_SAFE_INTEGER).default(20 * 1024 * MIB),
    byDefault: '21474836480 (20 GiB)',
    meaning:
      'Bytes of model files that the cache in UNDERSTUDY_DATA_DIR may hold. Before a version comes, others that no slot and no stored state needs are removed, least recently used first.',
  },
  UNDERSTUDY_FETCH_TIMEOUT_MS: {
    schema: wholeNumber(100, 86_400_000).default(1_800_000),
    byDefault: '1800000',
    meaning: 'Milliseconds that fetching the files of one version may take.',
  },
  UNDERSTUDY_MAX_MODEL_BYTES: {
    schema: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(64 * 1024 * MIB),
    byDefault: '68719476736 (64 GiB)',
    meaning: 'Bytes that the files of one version may have together.',
  },
  UNDERSTUDY_LOAD_TIMEOUT_MS: {
    schema: wholeNumber(100, 3_600_000).default(120_000),
    byDefault: '120000',
    meaning: 'Milliseconds that a runner may take to load, check and warm a version.',
  },
  UNDERSTUDY_REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(10, 3_600_000).default(30_000),
    byDefault: '30000',
    meaning:
      'Milliseconds after which a prediction that has no answer yet is answered 503 or 504. A request may ask for less with X-Request-Timeout-Ms.',
  },
  UNDERSTUDY_RUN_TIMEOUT_MS: {
    schema: wholeNumber(10, 86_400_000).optional(),
    byDefault: '20 times what was measured, 5000 at least',
    meaning:
      'Milliseconds that a runner may be at one run before it counts as hanging and is started again. By default it grows with the rows of the run, from what they took while the version was loaded, up to 60000 or twice UNDERSTUDY_REQUEST_TIMEOUT_MS.',
  },
  UNDERSTUDY_RUNNER_MEMORY_BYTES: {
    schema: wholeNumber(128 * MIB, Number.MAX_SAFE_INTEGER).optional(),
    byDefault: 'half of the memory of the machine or container',
    meaning:
      'Bytes of memory that a runner may take; one that takes more is ended. A version that needs more while it is loaded is refused.',
  },
  UNDERSTUDY_MAX_OUTPUT_BYTES: {
    schema: wholeNumber(1024, 2048 * MIB).default(16 * MIB),
    byDefault: '16777216 (16 MiB)',
    meaning: 'Most bytes that the outputs of one run may have; writing them as JSON keeps the serving process busy.',
  },
  UNDERSTUDY_MAX_WAITING_REQUESTS: {
    schema: wholeNumber(1, 10_000_000).default(10_000),
    byDefault: '10000',
    meaning: 'Predictions that may wait for one runner; what comes beyond is answered 503 at once.',
  },
  UNDERSTUDY_MAX_WAITING_ROWS: {
    schema: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(1_000_000),
    byDefault: '1000000',
    meaning: 'Rows of the predictions that may wait for one runner.',
  },
  UNDERSTUDY_MAX_WAITING_BYTES: {
    schema: wholeNumber(1024, Number.MAX_SAFE_INTEGER).default(256 * MIB),
    byDefault: '268435456 (256 MiB)',
    meaning: 'Bytes of the tensors of the predictions that may wait for one runner.',
  },
  UNDERSTUDY_MAX_WAITING_BYTES_IN_ALL: {
    schema: wholeNumber(1024, Number.MAX_SAFE_INTEGER).default(512 * MIB),
    byDefault: '536870912 (512 MiB)',
    meaning:
      'Bytes of the predictions that may wait for all runners of a process together. One runner is given as much of it as is still free: half where it is alone, the third part where two are flooded.',
  },
  UNDERSTUDY_MAX_CONNECTIONS: {
    schema: wholeNumber(1, 1_000_000).default(10_000),
    byDefault: '10000',
    meaning: 'Connections that are open at once to a process; what comes beyond is closed at once.',
  },
  UNDERSTUDY_MAX_LIVE_STREAMS: {
    schema: wholeNumber(0, 100_000).default(200),
    byDefault: '200',
    meaning:
      'Live streams (GET /live) that are open at once to a process: one for each dashboard that somebody looks at. Beyond that, and with 0, dashboards ask every few seconds instead.',
  },
  UNDERSTUDY_LAME_DUCK_MS: {
    schema: wholeNumber(0, 600_000).default(300),
    byDefault: '300',
    meaning:
      'Milliseconds after SIGTERM in which the server still takes requests while /readyz says no; as long as your load balancer needs to notice.',
  },
  UNDERSTUDY_MAX_JSON_BYTES: {
    schema: wholeNumber(1024, 1024 * MIB).default(4 * MIB),
    byDefault: '4194304 (4 MiB)',
    meaning:
      'Largest JSON body that is read; parsing one byte of JSON keeps the serving process busy, so this bounds how long.',
  },
  UNDERSTUDY_MAX_BODY_BYTES: {
    schema: wholeNumber(1024, 2048 * MIB).default(64 * MIB),
    byDefault: '67108864 (64 MiB)',
    meaning: 'Largest body of a request with tensors as binary data (/v2), after it is uncompressed.',
  },
  UNDERSTUDY_RUNNER_THREADS: {
    schema: wholeNumber(1, 1024).optional(),
    byDefault: 'what the version was logged with, else the cores shared out between the runners, two at least',
    meaning: 'Threads that a runner uses inside one operator; never more than there are cores.',
  },
  UNDERSTUDY_EXECUTION_PROVIDER: {
    schema: z.enum(['cpu', 'cuda', 'coreml', 'dml'], 'expected cpu, cuda, coreml or dml').optional(),
    byDefault: 'cpu',
    meaning:
      'What models run on: cpu, cuda (Linux x64 with an NVIDIA GPU), coreml (macOS) or dml (Windows). A version is refused where it is absent.',
  },
  UNDERSTUDY_MAX_OPTIMIZED_GRAPH_BYTES: {
    schema: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(8 * 1024 * MIB),
    byDefault: '8589934592 (8 GiB)',
    meaning:
      'Bytes of disk for graphs of large models as the runtime optimised them, so that loading a version again is faster; the least recently used go first. 0 keeps none.',
  },
  UNDERSTUDY_RUNNERS: {
    schema: wholeNumber(1, 256).default(1),
    byDefault: '1',
    meaning:
      'Runners for each version, each with a copy of the model in memory; requests are shared out between them. More than one helps where the model is the limit, or where no request should wait for a restart.',
  },
  UNDERSTUDY_STANDBY: {
    schema: yesOrNo().default(false),
    byDefault: 'false',
    meaning:
      'true keeps one more runner warm for the version in current, which takes requests only while another is started again.',
  },
  UNDERSTUDY_WORKERS: {
    schema: wholeNumber(1, 256).default(1),
    byDefault: '1',
    meaning:
      'Serving processes that answer predictions on the one port and share the runners. From 2 on, one process more owns the slots and answers everything else. The bounds on connections and on what may wait are shared out between them.',
  },
  UNDERSTUDY_METRICS: {
    schema: yesOrNo().default(true),
    byDefault: 'true',
    meaning:
      'false counts no predictions: /metrics then has only what slots, runners and the process are like, and the statistics of the arms stay empty.',
  },
  UNDERSTUDY_SLOW_PREDICTION_MS: {
    schema: wholeNumber(0, 3_600_000).default(1000),
    byDefault: '1000',
    meaning: 'Milliseconds from which a prediction is logged as slow, at most one line a second; 0 logs none.',
  },
  UNDERSTUDY_LOG_LEVEL: {
    schema: z
      .enum(['silent', 'error', 'warn', 'info', 'debug'], 'expected silent, error, warn, info or debug')
      .default('info'),
    byDefault: 'info',
    meaning: 'How much is logged on standard output: silent, error, warn, info or debug.',
  },
  UNDERSTUDY_LOG_FORMAT: {
    schema: z.enum(['json', 'text'], 'expected json or text').optional(),
    byDefault: 'text on a terminal, else json',
    meaning: 'json writes one JSON object a line, text writes lines for people.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

export type SettingValues = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };
