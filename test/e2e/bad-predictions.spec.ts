import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { lookupModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';
import { PLAIN_JSON, ROW, send, TwoDoors } from '../support/two-doors';

/**
 * Whatever is wrong with a prediction: the right 4xx, a sentence that says what was expected, what came and what to do, both slots as before, and the
 * next prediction right. Every case is tried at both doors and must get the same answer.
 */

let doors: TwoDoors;

beforeAll(async () => {
  doors = await TwoDoors.open();
});

afterAll(async () => {
  await doors.close();
});

afterEach(async () => {
  await doors.expectUnchanged();
});

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
    const problem = await doors.refusedPrediction(body);
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail).toMatch(detail);
  });

  it('[case 21] is refused without repeating the body', async () => {
    const { detail } = await doors.refusedPrediction('{"data": [["my-secret-value\u0001"]]}');
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
    const problem = await doors.refusedPrediction(body, headers);
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
    expect(await doors.refusedPrediction(body)).toMatchObject({ status: 400, code: 'invalid-json' });
  });

  it('[case 26] is refused for 10 MB of JSON before it is read to the end', async () => {
    const problem = await doors.refusedPrediction(`{"data":[${'[1,2,3,4],'.repeat(1_000_000)}[1,2,3,4]]}`);
    expect(problem).toMatchObject({ status: 413, code: 'body-too-large' });
    expect(problem.detail).toMatch(/more than 4194304 bytes. Send fewer rows at a time/);
  });

  it('[case 27] is refused at once when it announces more than it may send', async () => {
    for (const each of doors.servers) {
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
      // Waited for, it would be 408.
      expect(status).toBe(413);
    }
  });

  it('[cases 12, 13] survives odd headers and does not echo what could split one', async () => {
    const odd = {
      ...PLAIN_JSON,
      __proto__x: '1',
      constructor: '1',
      'X-Canary-Key': 'é'.repeat(10),
      'X-Request-Id': 'a\tb',
    };
    for (const each of doors.servers) {
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
      doors.servers.map((each) => send(`${each.url}${path}`, JSON.stringify({ data: [ROW] }), PLAIN_JSON)),
    );
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
  });
});

describe('an input that the model itself refuses', () => {
  it('is answered 500 by itself, while others in the same run are answered', async () => {
    doors.models.publish('lookup', 1, lookupModel());
    const lookup = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: doors.models.path, UNDERSTUDY_MODEL_URI: 'models:/lookup/1' },
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
      doors.models.unpublish('lookup', 1);
    }
  });
});
