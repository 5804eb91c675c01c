import { readConfiguration } from './configuration';
import { isLoopback } from './loopback';

const INSTALLATION = { bundledModels: '/product/models', runner: '/product/runner.js', onTerminal: false };

const configure = (environment: Readonly<Record<string, string>>, onTerminal = false) => {
  const read = readConfiguration(environment, { ...INSTALLATION, onTerminal });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.configuration;
};

const problemsOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  const read = readConfiguration(environment, INSTALLATION);
  return read.ok ? [] : read.problems;
};

describe('without any setting', () => {
  it('listens on loopback and serves the bundled models', () => {
    expect(configure({})).toMatchObject({
      http: { host: '127.0.0.1', port: 8000 },
      registry: { source: { kind: 'folder', directory: '/product/models' } },
      modelSlots: { initialModelUri: 'models:/tracking-quickstart/1' },
      log: { level: 'info', format: 'json' },
    });
  });

  it('and logs for people on a terminal', () => {
    expect(configure({}, true).log.format).toBe('text');
  });
});

it('a variable set to nothing counts as not set', () => {
  expect(configure({ PORT: '', MLFLOW_TRACKING_URI: '' })).toEqual(configure({}));
});

it("MLflow's own variables name the server, who asks and how long to wait", () => {
  const { source } = configure({
    MLFLOW_TRACKING_URI: 'https://mlflow.example.com/prefix//',
    MLFLOW_TRACKING_USERNAME: 'ann',
    MLFLOW_TRACKING_PASSWORD: 'secret',
    MLFLOW_TRACKING_INSECURE_TLS: 'TRUE',
    MLFLOW_HTTP_REQUEST_TIMEOUT: '5',
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
  }).registry;
  expect(source).toEqual({
    kind: 'mlflow',
    trackingUri: 'https://mlflow.example.com/prefix',
    credentials: {
      username: 'ann',
      password: 'secret',
      token: undefined,
      caPath: undefined,
      clientCertPath: undefined,
      insecureTls: true,
    },
    requestTimeoutMs: 5000,
    maxRetries: 0,
  });
});

describe('what cannot be', () => {
  it.each([
    ['PORT', '70000', 'PORT: expected at most 65535; got "70000"'],
    ['PORT', '80.5', 'PORT: expected a whole number from 0 to 65535; got "80.5"'],
    ['PORT', '-1', 'PORT: expected a whole number from 0 to 65535; got "-1"'],
    ['UNDERSTUDY_MAX_JSON_BYTES', '12', 'UNDERSTUDY_MAX_JSON_BYTES: expected at least 1024; got "12"'],
    ['MLFLOW_TRACKING_INSECURE_TLS', 'maybe', 'MLFLOW_TRACKING_INSECURE_TLS: expected true or false; got "maybe"'],
    ['UNDERSTUDY_AUTH', 'open', 'UNDERSTUDY_AUTH: expected none or tokens; got "open"'],
    [
      'UNDERSTUDY_MODEL_URI',
      'churn/3',
      'UNDERSTUDY_MODEL_URI: expected a model URI such as models:/name/3, models:/name@alias or runs:/run_id/path; got "churn/3"',
    ],
    ['UNDERSTUDY_LOG_FORMAT', 'xml', 'UNDERSTUDY_LOG_FORMAT: expected json or text; got "xml"'],
  ])('is said in a sentence: %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([problem]);
  });

  it('is said all at once', () => {
    expect(problemsOf({ PORT: 'x', UNDERSTUDY_LOG_LEVEL: 'loud' })).toHaveLength(2);
  });

  it.each(['sqlite:///mlflow.db', 'file:///mlruns', 'databricks', 'http://'])(
    'a tracking URI that is no server says what to do for a folder: %s',
    (uri) => {
      expect(problemsOf({ MLFLOW_TRACKING_URI: uri })[0]).toMatch(/set UNDERSTUDY_REGISTRY_DIR; got /);
    },
  );

  it('[case 151] never shows a password that stands in an address', () => {
    const [problem] = problemsOf({ MLFLOW_TRACKING_URI: 'htps://ann:hunter2@mlflow.example.com' });
    expect(problem).toContain('got "htps://(hidden)@mlflow.example.com"');
  });

  it('two settings that contradict each other', () => {
    expect(problemsOf({ MLFLOW_TRACKING_INSECURE_TLS: '1', MLFLOW_TRACKING_SERVER_CERT_PATH: '/ca.pem' })[0]).toMatch(
      /^MLFLOW_TRACKING_INSECURE_TLS: /,
    );
  });
});

it('tells of variables that are named like a setting and are none, but not of those that Kubernetes sets', () => {
  const read = readConfiguration(
    {
      UNDERSTUDY_WORKER: '2',
      UNDERSTUDY_WORKERS: '2',
      UNDERSTUDY_SERVICE_HOST: '10.0.0.7',
      UNDERSTUDY_PORT: 'tcp://10.0.0.7:8000',
      UNDERSTUDY_PORT_8000_TCP: 'tcp://10.0.0.7:8000',
      WORKERS: '2',
    },
    INSTALLATION,
  );
  expect(read).toMatchObject({ ok: true, notSettings: ['UNDERSTUDY_WORKER'] });
});

describe('[case 132] listening to other machines', () => {
  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com', '::ffff:10.0.0.1'])(
    'on %s asks for tokens, unless everybody is meant to do everything',
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(configure({ HOST: host }).access.mode).toBe('tokens');
      expect(configure({ HOST: host, UNDERSTUDY_AUTH: 'none' }).access.mode).toBe('none');
    },
  );

  it.each(['127.0.0.1', '127.255.0.9', '::1', '[::1]', 'localhost', 'LocalHost'])('on %s does not happen', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(configure({ HOST: host }).access.mode).toBe('none');
  });

  it.each([' ', 'short', 'with a space in it', 'x'.repeat(513)])(
    'a token of the first administrator that could be guessed, or is none, is never taken: %j',
    (token) => {
      expect(problemsOf({ UNDERSTUDY_ADMIN_TOKEN: token })).toEqual([
        'UNDERSTUDY_ADMIN_TOKEN: expected 16 to 512 printable characters without spaces; got (hidden)',
      ]);
    },
  );
});

it('names of the server are parted by commas and have no port', () => {
  expect(configure({ UNDERSTUDY_ALLOWED_HOSTS: 'Models.example.com, 10.0.0.7,[fd00::1]' }).access.allowedHosts).toEqual(
    ['models.example.com', '10.0.0.7', '[fd00::1]'],
  );
  for (const wrong of ['models.example.com:8000', 'https://models.example.com', '*', 'a,,b']) {
    expect(problemsOf({ UNDERSTUDY_ALLOWED_HOSTS: wrong })[0]).toMatch(
      /^UNDERSTUDY_ALLOWED_HOSTS: expected host names/,
    );
  }
});

it('a runner sees what native libraries need and no credential', () => {
  const { runner } = configure({
    PATH: '/usr/bin',
    CUDA_VISIBLE_DEVICES: '0',
    LANG: 'C.UTF-8',
    HOME: '/home/ann',
    MLFLOW_TRACKING_TOKEN: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    NODE_OPTIONS: '--require=/evil.js',
    LD_PRELOAD: '/evil.so',
  }).modelSlots;
  expect(runner.environment).toEqual({ PATH: '/usr/bin', CUDA_VISIBLE_DEVICES: '0', LANG: 'C.UTF-8' });
});
