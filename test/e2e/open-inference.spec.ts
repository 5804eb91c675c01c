import { connect } from 'node:net';
import { BothDoors } from '../support/both-doors';
import { exchange } from '../support/exchange';
import { constantModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** The Open Inference Protocol over REST, but for inference itself: what the server and its models say of themselves. */

const ROWS = { inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 4], data: [5, 3, 1, 0] }] };

let doors: BothDoors;

beforeAll(async () => {
  doors = await BothDoors.open([constantModel(1), constantModel(2)]);
});

afterAll(async () => {
  await doors.close();
});

afterEach(async () => {
  expect((await doors.post('/v2/models/default/infer', ROWS)).status).toBe(200);
});

const METADATA = {
  name: 'default',
  platform: 'onnxruntime_onnx',
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
};

const CONFIG = {
  name: 'default',
  platform: 'onnxruntime_onnx',
  backend: 'onnxruntime',
  max_batch_size: expect.any(Number),
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [4] }],
  output: [{ name: 'label', data_type: 'TYPE_INT64', dims: [] }],
  dynamic_batching: {},
};

const unknownModel = { error: expect.stringMatching(/^Request for unknown model: 'foo' is not found; /) };
const unknownVersion = {
  error: expect.stringMatching(/^Request for unknown model: 'default' version 99 is not found/),
};
const nothingHere = { error: expect.stringMatching(/^There is no (GET|POST) .* here; \/docs lists what there is$/) };

describe('what is asked with GET', () => {
  it.each<[string, number, object]>([
    [
      '/v2',
      200,
      {
        name: 'understudy',
        version: '0.1.0',
        extensions: ['classification', 'model_repository', 'model_configuration', 'binary_tensor_data'],
      },
    ],
    ['/v2/', 200, expect.objectContaining({ name: 'understudy' }) as object],
    ['/v2/?a=1', 200, expect.objectContaining({ name: 'understudy' }) as object],
    ['/v2/health/live', 200, { live: true }],
    ['/v2/health/live?test_1=1&test_2=2', 200, { live: true }],
    ['/v2/health/ready', 200, { ready: true }],
    ['/v2/models', 200, { models: ['default'] }],
    ['/v2/models/default', 200, { ...METADATA, versions: ['1', '2'] }],
    ['/v2/models/default/versions/2', 200, { ...METADATA, versions: ['2'] }],
    ['/v2/models/default/ready', 200, { name: 'default', ready: true }],
    ['/v2/models/default/versions/1/ready', 200, { name: 'default', ready: true }],
    ['/v2/models/default/config', 200, CONFIG],
    ['/v2/models/default/versions/2/config', 200, CONFIG],
    ['/v2/models/%64efault', 200, { ...METADATA, versions: ['1', '2'] }],
    ['/v2/models/foo', 404, unknownModel],
    ['/v2/models/foo/ready', 404, unknownModel],
    ['/v2/models/foo/config', 404, unknownModel],
    ['/v2/models/foo/versions/1', 404, unknownModel],
    ['/v2/models/default/versions/99', 404, unknownVersion],
    ['/v2/models/default/versions/99/ready', 404, unknownVersion],
    ['/v2/models/default/versions/99/config', 404, unknownVersion],
    ['/v2/nope', 404, nothingHere],
    ['/v2/models/default/versions', 404, nothingHere],
    ['/v2/models/default/stats', 404, nothingHere],
    ['/v2/health/live/', 404, nothingHere],
    ['/V2', 404, expect.objectContaining({ code: 'not-found' }) as object],
    ['/base_path/v2/models/default', 404, expect.objectContaining({ code: 'not-found' }) as object],
  ])('%s is answered %d', async (path, status, body) => {
    const answer = await doors.ask(path);
    expect([answer.status, answer.json]).toEqual([status, body]);
    expect(answer.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
    const head = await doors.ask(path, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([status, '']);
  });

  it.each([
    '/v2/models/..%2f..%2fetc',
    '/v2/models/a%2Fb/ready',
    '/v2/models/%00',
    '/v2/models/__proto__',
    '/v2/models/toString/config',
    '/v2/models/Default',
    '/v2/models/default%0d%0aX-Injected:%201',
    '/v2/models/default/versions/01',
    '/v2/models/default/versions/1e0',
    '/v2/models/default/versions/-1/ready',
    '/v2/models/default/versions/latest',
    `/v2/models/${'a'.repeat(10_000)}`,
  ])('[cases 13, 16, 45, 48, 51, 52] %s names nothing', async (path) => {
    const answer = await doors.ask(path);
    expect([answer.status, answer.json]).toEqual([404, { error: expect.any(String) }]);
    expect(answer.headers).not.toHaveProperty('x-injected');
    expect(answer.text.length).toBeLessThan(400);
  });

  it.each(['/v2/models/%zz', '/v2/models/%c0%af', '/v2/models/default/versions/%/config'])(
    '[case 16] %s is encoded wrongly',
    async (path) => {
      const answer = await doors.ask(path);
      expect([answer.status, answer.json]).toEqual([400, { error: expect.stringContaining('%') }]);
    },
  );
});

describe('a method that a path does not take', () => {
  it.each<[string, string, string]>([
    ['POST', '/v2', 'GET, HEAD'],
    ['POST', '/v2/', 'GET, HEAD'],
    ['OPTIONS', '/v2/health/live', 'GET, HEAD'],
    ['DELETE', '/v2/health/ready', 'GET, HEAD'],
    ['PUT', '/v2/models', 'GET, HEAD'],
    ['POST', '/v2/models/default', 'GET, HEAD'],
    ['PATCH', '/v2/models/default/versions/1', 'GET, HEAD'],
    ['POST', '/v2/models/default/ready', 'GET, HEAD'],
    ['DELETE', '/v2/models/default/versions/1/config', 'GET, HEAD'],
    ['GET', '/v2/models/default/infer', 'POST'],
    ['PUT', '/v2/models/default/versions/1/infer', 'POST'],
    ['OPTIONS', '/v2/models/default/infer', 'POST'],
    ['TRACE', '/v2/models/default/infer', 'POST'],
    ['GET', '/v2/repository/index', 'POST'],
    ['DELETE', '/v2/repository/models/default/load', 'POST'],
    ['GET', '/v2/repository/models/default/unload', 'POST'],
  ])('[case 17] %s %s is answered 405 with the methods that it takes', async (method, path, allow) => {
    const answer = await doors.ask(path, { method });
    expect([answer.status, answer.headers.allow, answer.json]).toEqual([
      405,
      allow,
      { error: `This path takes ${allow} only` },
    ]);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('[case 17] HEAD of a path for POST is answered 405 without a body', async () => {
    const answer = await doors.ask('/v2/models/default/infer', { method: 'HEAD' });
    expect([answer.status, answer.headers.allow, answer.text]).toEqual([405, 'POST', '']);
  });

  it('says so whatever body comes with it', async () => {
    const answer = await doors.ask('/v2/models/default/infer', { method: 'PUT', body: Buffer.from([1, 2, 3]) });
    expect(answer.status).toBe(405);
  });

  it.each([
    '/v2/models/default/infer/',
    '/v2/models//infer',
    '/v2/models/default/versions//infer',
    '//v2/models/x/infer',
  ])('POST %s is nothing here', async (path) => {
    expect((await doors.post(path, ROWS, { 'Content-Type': 'application/json' })).status).toBe(404);
  });
});

describe('request lines that no client sends', () => {
  /** What comes back for bytes on a bare connection. */
  const raw = async (url: string, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => (answer += chunk));
      socket.on('close', () => {
        resolve(answer);
      });
      socket.on('error', reject);
      socket.write(text);
    });

  const BODY = JSON.stringify(ROWS);
  const HEADERS = `Host: localhost\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

  it.each([
    ['an absolute target', 'http://elsewhere/v2/models/default/infer'],
    ['a fragment', '/v2/models/default/infer#fragment'],
    ['a query', '/v2/models/default/infer?a[]=1&a[__proto__]=1'],
  ])('[cases 14, 15] are answered alike by both doors: %s', async (_, target) => {
    const answers = await Promise.all(
      doors.servers.map(async ({ url }) => raw(url, `POST ${target} HTTP/1.1\r\n${HEADERS}`)),
    );
    const parts = answers.map((answer) => [answer.split('\r\n')[0], answer.split('\r\n\r\n')[1]]);
    expect(parts[0]?.[0]).toBe('HTTP/1.1 200 OK');
    expect(parts[1]).toEqual(parts[0]);
  });

  it.each([
    'GARBAGE\r\n\r\n',
    'FOO /v2/models/default/infer HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'POST /v2/models/default/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /v2/models/default/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    'POST /v2/models/default/infer HTTP/1.1\r\n\r\n',
    'POST /v2/models/default/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /v2/models/default/infer HTTP/1.1\r\nHost: localhost\r\nX-Model-Slot: ne\0xt\r\n\r\n',
  ])('[cases 10, 11, 17] %j is refused, and the connection ends', async (text) => {
    for (const { url } of doors.servers) expect(await raw(url, text)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('headers that no client sends', () => {
  it.each<[string, Record<string, string>, number]>([
    ['a name of every object', { ['__proto__']: '1', constructor: '1', toString: '1' }, 200],
    ['a canary key beyond ASCII', { 'X-Canary-Key': 'é'.repeat(100) }, 200],
    ['one of 20 kB', { 'X-Canary-Key': 'k'.repeat(20_000) }, 431],
    ['3000 of them', Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`x-${at}`, '1'])), 431],
  ])('[case 12] are taken or refused, and nothing breaks: %s', async (_, headers, status) => {
    for (const { url } of doors.servers) {
      const body = JSON.stringify(ROWS);
      expect((await exchange(`${url}/v2/models/default/infer`, { method: 'POST', headers, body })).status).toBe(status);
    }
  });
});

describe('the repository', () => {
  const one = { name: 'default', version: '1', state: 'READY', reason: '' };
  const two = { ...one, version: '2' };

  it.each<[string, string | undefined]>([
    ['no body', undefined],
    ['an empty object', '{}'],
    ['what is ready', '{"ready":true}'],
    ['all there is', '{"ready":false}'],
  ])('lists the versions in both slots for %s', async (_, body) => {
    const answer = await doors.ask('/v2/repository/index', { method: 'POST', body });
    expect([answer.status, answer.json]).toEqual([200, [one, two]]);
  });

  it.each([
    ['[case 25] a deep value', `{"ready":${'['.repeat(250_000)}${']'.repeat(250_000)}}`],
    ['a number', '{"ready":1}'],
    ['[case 18] an array', '[]'],
    ['[case 24] a member twice', '{"ready":true,"ready":false}'],
    ['[case 22] a prototype', '{"__proto__":{"ready":true}}'],
    ['[case 18] no JSON', 'ready'],
  ])('refuses to list for %s', async (_, body) => {
    const answer = await doors.post('/v2/repository/index', body);
    expect([answer.status, answer.json]).toEqual([400, { error: expect.any(String) }]);
  });

  it.each<[string, string, number, RegExp]>([
    [
      '/v2/repository/models/foo/load',
      '{}',
      404,
      /^failed to load 'foo': Request for unknown model: 'foo' is not found/,
    ],
    ['/v2/repository/models/..%2fetc/load', '{}', 404, /^failed to load '..\/etc': Request for unknown model/],
    ['/v2/repository/models/%20/load', '', 404, /^failed to load ' ': Request for unknown model/],
    ['/v2/repository/models/foo/unload', '{}', 404, /^Request for unknown model: 'foo' is not found/],
    [
      '/v2/repository/models/default/unload',
      '{"parameters":{"unload_dependents":false}}',
      503,
      /^explicit model load \/ unload is not allowed for 'default': a deployment serves until it is deleted/,
    ],
    [
      '/v2/repository/models/default/load',
      '{"parameters":{"model_uri":"models:/nobody/1"}}',
      404,
      /^There is no model "nobody" in the registry; GET \/registry\/models lists them$/,
    ],
    ['/v2/repository/models/default/load', '{"parameters":{"model_uri":"/etc/passwd"}}', 400, /model URI/],
    ['/v2/repository/models/default/load', '{"parameters":{"model_uri":7}}', 400, /^parameters.model_uri: expected/],
    ['/v2/repository/models/default/load', '{"parameters":{"config":"{}"}}', 400, /"config"/],
    [
      '/v2/repository/models/default/load',
      `{"parameters":{"file:1/${'x'.repeat(256)}":"AAAA"}}`,
      400,
      /^parameters: Unrecognized key/,
    ],
    ['/v2/repository/models/default/load', '{"parameters":[]}', 400, /^parameters: /],
  ])('[cases 45, 61] POST %s with %s is answered %d', async (path, body, status, error) => {
    const answer = await doors.post(path, body);
    expect([answer.status, answer.json]).toEqual([status, { error: expect.stringMatching(error) }]);
  });

  it('loads a version into next, which then answers, and is there at once where none is asked for', async () => {
    doors.models.publish('tracking-quickstart', 3, constantModel(3));
    for (const [body, versions] of [
      ['', ['1', '2']],
      ['{}', ['1', '2']],
      ['{"parameters":{"model_uri":"models:/tracking-quickstart/3"}}', ['1', '3']],
      ['{"parameters":{"model_uri":"models:/tracking-quickstart/2"}}', ['1', '2']],
    ] as const) {
      const answer = await doors.post('/v2/repository/models/default/load', body);
      expect([answer.status, answer.json]).toEqual([200, { name: 'default', ready: true }]);
      expect((await doors.ask('/v2/models/default')).json).toMatchObject({ versions });
    }
  });
});

describe('a server that is without a model', () => {
  let server: RunningServer;
  let models: ModelFolder;

  beforeAll(async () => {
    models = new ModelFolder();
    server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path }, waitUntilReady: false });
  });

  afterAll(async () => {
    await server.stop();
    models.remove();
  });

  it.each<[string, string, number, object]>([
    ['GET', '/v2', 200, expect.objectContaining({ name: 'understudy' }) as object],
    ['GET', '/v2/health/live', 200, { live: true }],
    ['GET', '/v2/health/ready', 503, { ready: false }],
    ['GET', '/v2/models', 200, { models: ['default'] }],
    ['GET', '/v2/models/default', 503, { error: expect.stringMatching(/^'default' holds no version yet/) }],
    ['GET', '/v2/models/default/ready', 503, { name: 'default', ready: false }],
    ['GET', '/v2/models/default/config', 503, { error: expect.stringMatching(/^'default' holds no version yet/) }],
    ['GET', '/v2/models/default/versions/1/ready', 404, { error: expect.stringMatching(/version 1 is not found/) }],
    ['POST', '/v2/models/default/infer', 503, { error: expect.stringMatching(/^current holds no version: /) }],
    ['POST', '/v2/models/default/versions/1/infer', 404, { error: expect.stringMatching(/version 1 is not found/) }],
    ['POST', '/v2/repository/models/default/load', 503, { error: expect.stringMatching(/holds no version yet/) }],
  ])('%s %s is answered %d', async (method, path, status, body) => {
    const answer = await (method === 'GET' ? server.http.get(path) : server.http.post(path).send(ROWS));
    expect([answer.status, answer.body]).toEqual([status, body]);
    expect(answer.headers['retry-after']).toBe(status === 503 && 'error' in answer.body ? '1' : undefined);
  });

  it('lists what it waits for', async () => {
    const all = await server.http.post('/v2/repository/index');
    expect([all.status, all.body]).toEqual([
      200,
      [expect.objectContaining({ name: 'default', state: expect.any(String) })],
    ]);
    const ready = await server.http.post('/v2/repository/index').send({ ready: true });
    expect(ready.body).toEqual([]);
  });
});
