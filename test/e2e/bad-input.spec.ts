import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { constantModel, identityModel, lookupModel } from '../support/onnx/models';
import { buildModel } from '../support/onnx/build-model';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { RunningServer, type Status } from '../support/running-server';

/**
 * Whatever is wrong with a request: the right 4xx, a sentence that says what was expected, what came and what to do, both slots as
 * before, and the next prediction right. Predictions are tried at both doors and must get the same answer.
 */

const ROW = [5.1, 3.5, 1.4, 0.2];
const PLAIN_JSON = { 'Content-Type': 'application/json' };

let models: ModelFolder;
const doors: { readonly name: string; readonly hotDoor: boolean; server: RunningServer }[] = [];
let server: RunningServer;
let before: Status;

beforeAll(async () => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  models.publish('tracking-quickstart', 2, constantModel(2));
  const settings = { UNDERSTUDY_REGISTRY_DIR: models.path };
  for (const hotDoor of [true, false]) {
    doors.push({
      name: hotDoor ? 'hot' : 'documented',
      hotDoor,
      server: await RunningServer.start({ settings, hotDoor }),
    });
  }
  server = doors[0]!.server;
  await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
  await doors[1]!.server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
  before = await server.status();
});

afterAll(async () => {
  await Promise.all(doors.map((door) => door.server.stop()));
  models.remove();
});

/** Slots, split and generation are what they were, and both slots still answer right. */
afterEach(async () => {
  for (const { server: each } of doors) {
    expect((await each.predict([ROW], { 'X-Model-Slot': 'current' })).body).toEqual({
      predictions: [1],
      model_used: 'current',
    });
    expect((await each.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [2],
      model_used: 'next',
    });
  }
  const { generation, canaryProbability, current, next, previous } = await server.status();
  expect({ generation, canaryProbability, current, next, previous }).toEqual({
    generation: before.generation,
    canaryProbability: before.canaryProbability,
    current: before.current,
    next: before.next,
    previous: before.previous,
  });
});

interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Sends bytes as they are, with just these headers. */
async function send(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The answers of both doors to one prediction, without what differs from answer to answer. */
async function predictAtBothDoors(body: Uint8Array | string, headers: Readonly<Record<string, string>> = PLAIN_JSON) {
  const answers = await Promise.all(
    doors.map(async ({ server: each }) => {
      const {
        status,
        headers: got,
        text,
      } = await send(`${each.url}/predict`, body, { ...headers, 'X-Request-Id': 'same' });
      const {
        'content-type': type,
        'x-request-id': id,
        'cache-control': cache,
        'retry-after': retry,
        connection,
      } = got;
      return { status, text, type, id, cache, retry, connection };
    }),
  );
  expect(answers[1]).toEqual(answers[0]);
  const { status, text, type } = answers[0]!;
  expect(type).toBe('application/problem+json');
  return { ...(JSON.parse(text) as { code: string; detail: string }), status };
}

describe('a prediction', () => {
  it.each<[string, string, number, string, RegExp]>([
    [
      'ragged rows',
      '{"data":[[1,2,3,4],[1,2]]}',
      422,
      'tensor-mismatch',
      /^data\[1\]: expected an array of 4 values, got 2/,
    ],
    ['a string', '{"data":[[1,"2",3,4]]}', 422, 'tensor-mismatch', /^data\[0\]\[1\]: expected a number, got a string/],
    ['null', '{"data":[[1,null,3,4]]}', 422, 'tensor-mismatch', /^data\[0\]\[1\]: expected a number, got null/],
    ['too many columns', '{"data":[[1,2,3,4,5]]}', 422, 'tensor-mismatch', /got more than 4/],
    ['too few columns', '{"data":[[1,2,3]]}', 422, 'tensor-mismatch', /expected an array of 4 values, got 3/],
    ['an empty list', '{"data":[]}', 422, 'tensor-mismatch', /^"data" holds no rows; send at least one$/],
    ['an unknown column', '{"data":[{"sepal":1}]}', 422, 'tensor-mismatch', /^data\[0\]: unknown "sepal"/],
    ['[case 21] NaN', '{"data":[[NaN,2,3,4]]}', 400, 'invalid-json', /expected a JSON value \(at byte 10\)$/],
    ['[case 21] truncated JSON', '{"data":[[1,2,3,4]', 400, 'invalid-json', /\(at byte 18\)$/],
    ['[case 21] a trailing comma', '{"data":[[1,2,3,4],]}', 400, 'invalid-json', /\(at byte 19\)$/],
    ['[case 22] a __proto__ key', '{"data":[[1,2,3,4]],"__proto__":{"x":1}}', 400, 'invalid-json', /"__proto__"/],
    [
      '[case 22] a nested __proto__ key',
      '{"x":{"y":[{"__proto__":{}}]},"data":[[1,2,3,4]]}',
      400,
      'invalid-json',
      /"__proto__"/,
    ],
    [
      '[case 25] deep nesting',
      `{"x":${'['.repeat(100_000)}`,
      400,
      'invalid-json',
      /nested deeper than the limit of 100 levels/,
    ],
    ['[case 18] an empty body', '', 400, 'invalid-body', /got the end of the text$/],
    ['[case 18] null as a body', 'null', 400, 'invalid-body', /got null$/],
    ['[case 18] an array as a body', '[[1,2,3,4]]', 400, 'invalid-body', /got an array$/],
    ['no data', '{"rows":[[1,2,3,4]]}', 400, 'invalid-body', /but "data" is missing$/],
    ['[case 39] 1e309', '{"data":[[1e309,2,3,4]]}', 422, 'tensor-mismatch', /expected a number that FP32 can hold/],
  ])('is refused for %s', async (_, body, status, code, detail) => {
    const problem = await predictAtBothDoors(body);
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail).toMatch(detail);
  });

  it('[case 21] is refused without repeating the body', async () => {
    const { detail } = await predictAtBothDoors('{"data": [["my-secret-value\u0001"]]}');
    expect(detail).not.toContain('my-secret-value');
  });

  it.each<[string, Record<string, string>, Uint8Array | string, RegExp]>([
    ['none', {}, '{"data":[[1,2,3,4]]}', /got no Content-Type/],
    ['text', { 'Content-Type': 'text/plain' }, '{"data":[[1,2,3,4]]}', /got Content-Type "text\/plain"/],
    [
      'a form',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      'data=1',
      /Send the header "Content-Type: application\/json"/,
    ],
    ['multipart', { 'Content-Type': 'multipart/form-data; boundary=x' }, '--x', /got Content-Type "multipart/],
    ['a pickle', { 'Content-Type': 'application/octet-stream' }, Buffer.from([0x80, 4]), /got Content-Type/],
    [
      'another charset',
      { 'Content-Type': 'application/json; charset=utf-16' },
      '{"data":[[1,2,3,4]]}',
      /got Content-Type/,
    ],
    [
      'gzip',
      { ...PLAIN_JSON, 'Content-Encoding': 'gzip' },
      gzipSync('{"data":[[1,2,3,4]]}'),
      /got Content-Encoding "gzip"/,
    ],
  ])('[cases 19, 20, 30] is refused for the content type %s', async (_, headers, body, detail) => {
    const problem = await predictAtBothDoors(body, headers);
    expect(problem).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    expect(problem.detail).toMatch(detail);
  });

  it.each<[string, Uint8Array]>([
    ['UTF-16', Buffer.from('{"data":[[1,2,3,4]]}', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeff{"data":[[1,2,3,4]]}')],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"data":[[1,2,3,4]],"x":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ],
  ])('[case 18] is refused in %s', async (_, body) => {
    expect(await predictAtBothDoors(body)).toMatchObject({ status: 400, code: 'invalid-json' });
  });

  it('[case 26] is refused for 10 MB of JSON before it is read to the end', async () => {
    const problem = await predictAtBothDoors(`{"data":[${'[1,2,3,4],'.repeat(1_000_000)}[1,2,3,4]]}`);
    expect(problem).toMatchObject({ status: 413, code: 'body-too-large' });
    expect(problem.detail).toMatch(/more than 4194304 bytes. Send fewer rows at a time/);
  });

  it('[case 27] is refused at once when it announces more than it may send', async () => {
    const startedMs = performance.now();
    for (const { server: each } of doors) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest(`${each.url}/predict`, {
          method: 'POST',
          headers: { ...PLAIN_JSON, 'Content-Length': '10000000000' },
        });
        request.on('response', (response) => {
          resolve(response.statusCode);
          request.destroy();
        });
        request.on('error', reject);
        request.write('{');
      });
      expect(status).toBe(413);
    }
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('[cases 12, 13] survives odd headers and does not echo what could split one', async () => {
    const odd = {
      ...PLAIN_JSON,
      __proto__x: '1',
      constructor: '1',
      'X-Canary-Key': 'é'.repeat(10),
      'X-Request-Id': 'a\tb',
    };
    for (const { server: each } of doors) {
      const answer = await send(`${each.url}/predict`, JSON.stringify({ data: [ROW] }), odd);
      expect(answer.status).toBe(200);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it.each([
    ['/predict/', 404],
    ['//predict', 404],
    ['/Predict', 404],
    ['/predict%2f', 404],
    ['/%70redict', 404],
    ['/predict?a[]=1&a[__proto__]=1', 200],
    [`/predict?${'a=1&'.repeat(2000)}`, 200],
  ])('[cases 15, 16] at %s is answered %d', async (path, status) => {
    const answers = await Promise.all(
      doors.map(({ server: each }) => send(`${each.url}${path}`, JSON.stringify({ data: [ROW] }), PLAIN_JSON)),
    );
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
  });
});

describe('a split', () => {
  it.each<[string, string, RegExp]>([
    [
      'a string',
      '{"probability":"0.7"}',
      /^probability: expected a number from 0 \(all next\) to 1 \(all current\), got "0.7"$/,
    ],
    ['null', '{"probability":null}', /got null$/],
    ['missing', '{}', /it is missing$/],
    ['below 0', '{"probability":-0.1}', /got -0.1$/],
    ['above 1', '{"probability":1.0000001}', /got 1.0000001$/],
    ['a list', '{"probability":[0.5]}', /got \[0.5\]$/],
    ['a boolean', '{"probability":true}', /got true$/],
    ['an object', '{"probability":{"a":1}}', /got {"a":1}$/],
    ['[case 23] beside an unknown member', '{"probability":0.5,"weight":1}', /^weight: not known here; leave it out$/],
    ['[case 23] an array', '[0.5]', /./],
    ['[case 23] a scalar', '0.5', /./],
    ['[case 18] empty', '', /it is missing$/],
  ])('[case 99] that is %s is refused', async (_, body, detail) => {
    const answer = await send(`${server.url}/set-canary-probability`, body, PLAIN_JSON);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 400, code: 'invalid-body' });
    expect((JSON.parse(answer.text) as { detail: string }).detail).toMatch(detail);
  });

  it.each([
    ['NaN', '{"probability":NaN}'],
    ['[case 24] given twice', '{"probability":1,"probability":0}'],
    ['[case 22] with a prototype', '{"probability":0.5,"__proto__":{"x":1}}'],
    ['[case 22] with a constructor', '{"probability":0.5,"constructor":{"prototype":{"x":1}}}'],
    ['cut off', '{"probability":0.'],
  ])('that is %s is no JSON', async (_, body) => {
    const answer = await send(`${server.url}/set-canary-probability`, body, PLAIN_JSON);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 400, code: 'invalid-json' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    '[case 19] as %s is refused',
    async (type) => {
      const answer = await send(`${server.url}/set-canary-probability`, '{"probability":0.5}', {
        'Content-Type': type,
      });
      expect(JSON.parse(answer.text)).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    },
  );
});

describe('a model URI', () => {
  it.each<[unknown, number, string]>([
    ['models:/../etc/1', 400, 'invalid-model-uri'],
    ['models:/../1', 400, 'invalid-model-uri'],
    ['models:/./1', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/../1', 400, 'invalid-model-uri'],
    ['models:/a\\b/1', 400, 'invalid-model-uri'],
    ['models:/ /1', 400, 'invalid-model-uri'],
    ['models:/a\u0000b/1', 400, 'invalid-model-uri'],
    ['models:/a\r\nX: y/1', 400, 'invalid-model-uri'],
    [`models:/${'a'.repeat(257)}/1`, 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/01', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/1.0', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/-1', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/1e3', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/9999999999999999999', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart/Staging', 400, 'invalid-model-uri'],
    ['models:/tracking-quickstart@', 400, 'invalid-model-uri'],
    ['runs:/abc/model', 400, 'invalid-model-uri'],
    ['file:///etc/passwd', 400, 'invalid-model-uri'],
    ['s3://bucket/model', 400, 'invalid-model-uri'],
    ['http://169.254.169.254/latest', 400, 'invalid-model-uri'],
    ['/etc/passwd', 400, 'invalid-model-uri'],
    ['', 400, 'invalid-body'],
    [5, 400, 'invalid-body'],
    [null, 400, 'invalid-body'],
    [{ $gt: '' }, 400, 'invalid-body'],
    ['models:/unknown/1', 404, 'model-not-found'],
    ['models:/__proto__/1', 404, 'model-not-found'],
    ['models:/toString/1', 404, 'model-not-found'],
    ['models:/Tracking-Quickstart/1', 404, 'model-not-found'],
    ['models:/%2e%2e/1', 404, 'model-not-found'],
    ["models:/a'; DROP TABLE x;--/1", 404, 'model-not-found'],
    ['models:/tracking-quickstart/99', 404, 'model-version-not-found'],
    ['models:/tracking-quickstart@nobody', 404, 'model-alias-not-found'],
  ])('[cases 45, 48, 51, 52] %j is refused with %d %s', async (model_uri, status, code) => {
    const answer = await server.change('/update-model', { model_uri });
    expect(answer.body).toMatchObject({ status, code });
    expect((answer.body as { detail: string }).detail.length).toBeGreaterThan(20);
  });

  it('that is missing, or beside something unknown, is refused', async () => {
    expect((await server.change('/update-model', {})).body).toMatchObject({
      status: 400,
      detail: 'model_uri: expected a model URI such as "models:/tracking-quickstart/2", it is missing',
    });
    const more = { model_uri: 'models:/tracking-quickstart/2', slot: 'current' };
    expect((await server.change('/update-model', more)).body).toMatchObject({
      status: 400,
      detail: 'slot: not known here; leave it out',
    });
  });
});

describe('a version that cannot be loaded', () => {
  const refuse = async (content: Parameters<ModelFolder['publish']>[2]) => {
    const model_uri = models.publish('candidate', 1, content);
    try {
      return (await server.change('/update-model', { model_uri })).body as {
        status: number;
        code: string;
        detail: string;
      };
    } finally {
      models.unpublish('candidate', 1);
    }
  };

  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['a page of HTML', Buffer.from('<html>Not found</html>')],
    ['half of a model', constantModel(3).subarray(0, 60)],
  ])('[cases 73, 74] because its file is %s', async (_, bytes) => {
    expect(await refuse(bytes)).toMatchObject({
      status: 422,
      code: 'model-load-failed',
      detail: expect.stringMatching(/\(step (check|start)\): The (file is not an ONNX model|runtime cannot load)/),
    });
  });

  it('because it has no ONNX flavor, with what to do', async () => {
    expect(
      await refuse({ MLmodel: mlModelText({ python_function: {}, sklearn: {} }), 'model.skops': 'x' }),
    ).toMatchObject({
      status: 422,
      code: 'model-not-servable',
      detail:
        'version 1 of "candidate" has flavors python_function, sklearn; none is onnx. ' +
        'Log it with mlflow.onnx.log_model, or run training/export_onnx.py --model-uri models:/candidate/1',
    });
  });

  it('because its folder holds no model', async () => {
    expect(await refuse({ 'readme.txt': 'x' })).toMatchObject({ status: 422, code: 'model-not-servable' });
  });

  it('because its inputs do not fit current', async () => {
    expect(await refuse(constantModel(3, 5))).toMatchObject({
      status: 409,
      code: 'signature-conflict',
      detail:
        'models:/candidate/1 does not take what clients of current (models:/tracking-quickstart/1) send: ' +
        'its input "X" is FP32[?, 5], current\'s "X" is FP32[?, 4]. Load a version with the same inputs',
    });
    expect(await refuse(identityModel('INT64', [-1, 4]))).toMatchObject({ status: 409, code: 'signature-conflict' });
  });

  it('[case 76] because it uses an operator that does not exist', async () => {
    const unknown = buildModel({
      inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
      nodes: [{ op: 'Frobnicate', inputs: ['X'], outputs: ['Y'], domain: 'my.company' }],
      opsets: { '': 17, 'my.company': 1 },
    });
    const problem = await refuse(unknown);
    expect(problem).toMatchObject({ status: 422, code: 'model-load-failed' });
    expect(problem.detail).toMatch(/Frobnicate/);
    expect(problem.detail).not.toMatch(/\/(tmp|home|root|work)\//);
  });

  it('[case 41] because it gives out 4-bit integers, which would end its process', async () => {
    const int4 = buildModel({
      inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'Y', type: 22, shape: [-1, 4] }],
      nodes: [{ op: 'Cast', inputs: ['X'], outputs: ['Y'], attributes: { to: 22 } }],
      opsets: { '': 21 },
    });
    expect(await refuse(int4)).toMatchObject({ detail: expect.stringContaining('Its output "Y" is int4') });
  });

  it('leaves nothing running and nothing half-written behind', async () => {
    await refuse(Buffer.from('no model'));
    const { loading, current, next } = await server.status();
    expect([loading, current?.runner.state, next?.runner.state]).toEqual([null, 'ready', 'ready']);
  });
});

describe('an input that the model itself refuses', () => {
  it('is answered 500 by itself, while others in the same run are answered', async () => {
    models.publish('lookup', 1, lookupModel());
    const lookup = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_MODEL_URI: 'models:/lookup/1' },
    });
    try {
      const answers = await Promise.all([[0], [7], [2], [1], [-9]].map(async (data) => lookup.predict(data)));
      expect(answers.map(({ status }) => status)).toEqual([200, 500, 200, 200, 500]);
      expect(answers[2]!.body).toEqual({ predictions: [30], model_used: 'current' });
      expect(answers[1]!.body).toMatchObject({
        code: 'inference-failed',
        detail: expect.stringMatching(/indices element out of data bounds/),
      });
      expect((await lookup.status()).current?.runner.restarts).toBe(0);
    } finally {
      await lookup.stop();
      models.unpublish('lookup', 1);
    }
  });
});
