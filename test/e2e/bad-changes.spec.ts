import type { ModelFolder } from '../support/model-folder';
import { mlModelText } from '../support/model-folder';
import { buildModel, type Model } from '../support/onnx/build-model';
import { constantModel, identityModel } from '../support/onnx/models';
import { PLAIN_JSON, send, TwoDoors } from '../support/two-doors';

/**
 * Whatever is wrong with a change: the right 4xx, a sentence that says what was expected, what came and what to do, both slots as before, and the
 * next prediction right.
 */

let doors: TwoDoors;

/** Rows of four that come out as they went in. */
const IDENTITY: Model = {
  inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
  nodes: [{ op: 'Identity', inputs: ['X'], outputs: ['Y'] }],
};

beforeAll(async () => {
  doors = await TwoDoors.open();
});

afterAll(async () => {
  await doors.close();
});

afterEach(async () => {
  await doors.expectUnchanged();
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
    const answer = await send(`${doors.hot.url}/set-canary-probability`, body, PLAIN_JSON);
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
    const answer = await send(`${doors.hot.url}/set-canary-probability`, body, PLAIN_JSON);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 400, code: 'invalid-json' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    '[case 19] as %s is refused',
    async (type) => {
      const answer = await send(`${doors.hot.url}/set-canary-probability`, '{"probability":0.5}', {
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
    const answer = await doors.hot.change('/update-model', { model_uri });
    expect(answer.body).toMatchObject({ status, code });
    expect((answer.body as { detail: string }).detail.length).toBeGreaterThan(20);
  });

  it('that is missing, or beside something unknown, is refused', async () => {
    expect((await doors.hot.change('/update-model', {})).body).toMatchObject({
      status: 400,
      detail: 'model_uri: expected a model URI such as "models:/tracking-quickstart/2", it is missing',
    });
    const more = { model_uri: 'models:/tracking-quickstart/2', slot: 'current' };
    expect((await doors.hot.change('/update-model', more)).body).toMatchObject({
      status: 400,
      detail: 'slot: not known here; leave it out',
    });
  });
});

describe('a version that cannot be loaded', () => {
  const refuse = async (content: Parameters<ModelFolder['publish']>[2]) => {
    const model_uri = doors.models.publish('candidate', 1, content);
    try {
      return (await doors.hot.change('/update-model', { model_uri })).body as {
        status: number;
        code: string;
        detail: string;
      };
    } finally {
      doors.models.unpublish('candidate', 1);
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

  it.each<[string, Uint8Array]>([
    [
      'an operator that is made of itself',
      buildModel({
        opsets: { '': 17, d: 1 },
        functions: [{ domain: 'd', name: 'Loopy', calls: 'Loopy' }],
        inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
        outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
        nodes: [{ op: 'Loopy', domain: 'd', inputs: ['X'], outputs: ['Y'] }],
      }),
    ],
    ['operators of a version to come', buildModel({ ...IDENTITY, opsets: { '': 2 ** 31 } })],
    ['a form of the file to come', buildModel({ ...IDENTITY, irVersion: 2 ** 31 })],
    [
      'an operator that nobody knows',
      buildModel({ ...IDENTITY, nodes: [{ op: 'Nope', inputs: ['X'], outputs: ['Y'] }] }),
    ],
    [
      'a graph that goes in a circle',
      buildModel({
        ...IDENTITY,
        nodes: [
          { op: 'Add', inputs: ['X', 'b'], outputs: ['a'] },
          { op: 'Abs', inputs: ['a'], outputs: ['b'] },
          { op: 'Abs', inputs: ['b'], outputs: ['Y'] },
        ],
      }),
    ],
  ])('[case 76] because it has %s', async (_, model) => {
    expect(await refuse(model)).toMatchObject({ status: 422, code: 'model-load-failed' });
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

  it('[case 80b] because its inputs do not fit current', async () => {
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
    const { loading, current, next } = await doors.hot.status();
    expect([loading, current?.runner.state, next?.runner.state]).toEqual([null, 'ready', 'ready']);
  });
});
