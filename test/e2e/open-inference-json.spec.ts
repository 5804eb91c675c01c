import { BothDoors } from '../support/both-doors';
import { binaryRequest, type InferAnswerText, takeApart } from '../support/infer-bodies';
import { batchMeanModel, constantModel, identityModel } from '../support/onnx/models';
import { scalarModel, simpleModel } from '../support/onnx/protocol-models';

/** Inference by the Open Inference Protocol in JSON: what is asked for, what comes back, and who answers. */

const INFER = '/v2/models/default/infer';

let doors: BothDoors;

const answerTo = async (body: unknown, path = INFER, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await doors.post(path, body, headers);
  return [answer.status, answer.json];
};

const error = (pattern: RegExp) => ({ error: expect.stringMatching(pattern) as string });

/** Opens the doors for a group of tests. */
function serve(...versions: readonly Uint8Array[]): void {
  beforeAll(async () => {
    doors = await BothDoors.open(versions);
  });
  afterAll(async () => {
    await doors.close();
  });
}

describe('a model with two inputs and two outputs of one row', () => {
  serve(simpleModel());

  const RANGE = Array.from({ length: 16 }, (_, index) => index);
  const ONES = RANGE.map(() => 1);
  const tensor = (name: string, data: readonly unknown[], more: object = {}) => ({
    name,
    datatype: 'INT32',
    shape: [1, 16],
    data,
    ...more,
  });
  const [a, b] = [tensor('INPUT0', RANGE), tensor('INPUT1', ONES)];
  const sum = tensor('OUTPUT0', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  const difference = tensor('OUTPUT1', [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  const answered = { model_name: 'default', model_version: '1' };
  const { data: _, ...inputWithoutData } = a;

  afterEach(async () => {
    expect(await answerTo({ inputs: [a, b] })).toEqual([200, { ...answered, outputs: [sum, difference] }]);
  });

  it.each<[string, object, object]>([
    ['all outputs where none is named', { inputs: [a, b] }, { outputs: [sum, difference] }],
    ['inputs in any order', { inputs: [b, a] }, { outputs: [sum, difference] }],
    ['an empty list of outputs', { inputs: [a, b], outputs: [] }, { outputs: [sum, difference] }],
    ['null for outputs', { inputs: [a, b], outputs: null }, { outputs: [sum, difference] }],
    ['only what is named', { inputs: [a, b], outputs: [{ name: 'OUTPUT1' }] }, { outputs: [difference] }],
    [
      'outputs in the order they are named',
      { inputs: [a, b], outputs: [{ name: 'OUTPUT1' }, { name: 'OUTPUT0' }] },
      { outputs: [difference, sum] },
    ],
    ['an id', { id: '42', inputs: [a, b] }, { id: '42', outputs: [sum, difference] }],
    ['an empty id', { id: '', inputs: [a, b] }, { outputs: [sum, difference] }],
    [
      'nested data',
      {
        inputs: [
          { ...a, data: [RANGE] },
          { ...b, data: [[[1, 1, 1], 1], ONES.slice(4)] },
        ],
      },
      { outputs: [sum, difference] },
    ],
    [
      'members and parameters that the protocol does not know',
      {
        model_name: 'elsewhere',
        parameters: { text: 'a', number: 1, fraction: 0.5, yes: true, priority: 1, timeout: 10_000_000 },
        inputs: [{ ...a, parameters: { own: 1 } }, b],
      },
      { outputs: [sum, difference] },
    ],
  ])('answers with %s', async (_, body, expected) => {
    expect(await answerTo(body)).toEqual([200, { ...answered, ...expected }]);
  });

  it.each<[string, object | string, RegExp]>([
    ['[case 33] no inputs', { inputs: [] }, /^expected 2 inputs but got 0 inputs: .* missing 'INPUT0', 'INPUT1'/],
    ['[case 33] one of two inputs', { inputs: [b] }, /^expected 2 inputs but got 1 inputs: .* missing 'INPUT0'/],
    ['[case 33] an unknown input', { inputs: [a, { ...b, name: 'X' }] }, /^unexpected inference input 'X' for model/],
    ['[case 31] an input twice', { inputs: [a, a] }, /^input 'INPUT0' already exists in request/],
    ['[case 33] another datatype', { inputs: [a, { ...b, datatype: 'FP32' }] }, /INPUT1.* FP32, .* INT32/],
    ['[case 33] no datatype', { inputs: [a, { ...b, datatype: 'INT322' }] }, /datatype 'INT322'/],
    ['[case 33] another rank', { inputs: [a, { ...b, shape: [16] }] }, /^unexpected shape for input 'INPUT1'/],
    [
      '[case 36] two rows where one is fixed',
      { inputs: [a, tensor('INPUT1', [...ONES, ...ONES], { shape: [2, 16] })] },
      /shape/,
    ],
    ['[case 35] 15 values for 16', { inputs: [a, { ...b, data: ONES.slice(1) }] }, /shape does not match true shape/i],
    [
      '[case 35] 18 values for 16',
      { inputs: [a, { ...b, data: [1, 1, ...ONES] }] },
      /Shape does not match true shape/i,
    ],
    ['[case 34] a negative size', { inputs: [a, { ...b, shape: [2, -5] }] }, /axis 1 is -5/],
    [
      '[case 34] a fraction of a size',
      '{"inputs":[{"name":"INPUT0","datatype":"INT32","shape":[1.5],"data":[]}]}',
      /axis 0/,
    ],
    [
      '[case 34] more elements than there can be',
      '{"inputs":[{"name":"INPUT0","datatype":"INT32","shape":[16,1152921504606846978],"data":[]}]}',
      /element count/,
    ],
    [
      '[case 34] more bytes than there can be',
      '{"inputs":[{"name":"INPUT0","datatype":"INT32","shape":[4,1152921504606846978],"data":[]}]}',
      /byte size overflow/,
    ],
    ['[case 38] 1.5 for an integer', { inputs: [a, { ...b, data: [1.5, ...ONES.slice(1)] }] }, /INPUT1/],
    ['[case 38] a number out of range', { inputs: [a, { ...b, data: [2 ** 31, ...ONES.slice(1)] }] }, /INT32/],
    ['[case 38] a text', { inputs: [a, { ...b, data: ['1', ...ONES.slice(1)] }] }, /got a string/],
    ['[case 38] true', { inputs: [a, { ...b, data: [true, ...ONES.slice(1)] }] }, /got a boolean/],
    ['[case 38] null', { inputs: [a, { ...b, data: [null, ...ONES.slice(1)] }] }, /got null/],
    ['neither data nor its size', { inputs: [b, inputWithoutData] }, /'INPUT0'.*no field is set/],
    ['data and its size', { inputs: [b, { ...a, parameters: { binary_data_size: 64 } }] }, /got both/],
    ['shared memory', { inputs: [b, { ...a, parameters: { shared_memory_region: 'x' } }] }, /shared memory/],
    [
      'an unknown output',
      { inputs: [a, b], outputs: [{ name: 'DUMMY' }] },
      /^unexpected inference output 'DUMMY' for model/,
    ],
    [
      '[case 31] an output twice',
      { inputs: [a, b], outputs: [{ name: 'OUTPUT0' }, { name: 'OUTPUT0' }] },
      /^output 'OUTPUT0' already exists in request/,
    ],
    ['a reserved parameter', { parameters: { triton_x: 1 }, inputs: [a, b] }, /reserved for Triton usage/],
    ['a sequence', { parameters: { sequence_id: 7 }, inputs: [a, b] }, /'sequence_id' asks for a sequence/],
    ['a parameter that is null', { parameters: { x: null }, inputs: [a, b] }, /got null/],
    ['[case 18] no object', '[]', /Expected an object like/],
    ['[case 18] an empty object', '{}', /"inputs" is missing/],
    ['[case 18] nothing', '', /Expected an object|at byte 0/],
    ['[case 18] null', 'null', /Expected an object like/],
    ['[case 18] UTF-16', Buffer.from('{"inputs":[]}', 'utf16le'), /at byte/],
    ['[case 18] a byte order mark', '\ufeff{"inputs":[]}', /at byte 0/],
    ['[case 21] truncated JSON', JSON.stringify({ inputs: [a, b] }).slice(0, -1), /at byte/],
    ['[case 21] a trailing comma', '{"inputs":[],}', /at byte 13/],
    ['[case 22] a prototype', '{"__proto__":{},"inputs":[]}', /__proto__/],
    ['[case 24] a member twice', '{"inputs":[],"inputs":[]}', /inputs/],
    ['[case 25] depth', `{"x":${'['.repeat(1_000_000)}`, /nested deeper than the limit of 100 levels/],
    ['[case 31] 200,000 inputs', `{"inputs":[${'{"name":"x"},'.repeat(200_000)}{"name":"x"}]}`, /input|datatype/],
    ['[case 31] 200,000 outputs', `{"outputs":[${'{"name":"OUTPUT0"},'.repeat(200_000)}{}],"inputs":[]}`, /OUTPUT0/],
  ])('is refused for %s', async (_, body, pattern) => {
    const [status, json] = await answerTo(body);
    expect([status, json]).toEqual([400, error(pattern)]);
    expect((json as { error: string }).error.length).toBeLessThan(800);
  });

  it('[case 21] is refused without repeating what was sent', async () => {
    const [, json] = await answerTo({ inputs: [a, { ...b, data: ['my-secret-value', ...ONES.slice(1)] }] });
    expect(JSON.stringify(json)).not.toContain('my-secret-value');
  });

  it.each<[string, Record<string, string>]>([
    ['no Content-Type', {}],
    ['JSON', { 'Content-Type': 'application/json' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['bytes', { 'Content-Type': 'application/octet-stream' }],
  ])('[case 19] does not look at the content type: %s', async (_, headers) => {
    expect((await answerTo({ inputs: [a, b] }, INFER, headers))[0]).toBe(200);
  });

  it('mixes JSON and binary tensors both ways', async () => {
    const { data: _, ...declared } = a;
    const request = binaryRequest(
      {
        inputs: [{ ...declared, parameters: { binary_data_size: 64 } }, b],
        outputs: [{ name: 'OUTPUT0', parameters: { binary_data: true } }, { name: 'OUTPUT1' }],
        parameters: { binary_data_output: true },
      },
      Buffer.from(new Int32Array(RANGE).buffer),
    );
    const answer = await doors.ask(INFER, request);
    const { json, blobs } = takeApart(answer);
    const { data: __, ...sumWithoutData } = sum;
    expect(json.outputs).toEqual([{ ...sumWithoutData, parameters: { binary_data_size: 64 } }, difference]);
    expect(blobs['OUTPUT0']).toEqual(Buffer.from(new Int32Array(sum.data as number[]).buffer));
    expect(answer.headers['content-type']).toBe('application/octet-stream');
  });

  it('says in its metadata and configuration that it does not batch', async () => {
    expect((await doors.ask('/v2/models/default/config')).json).toMatchObject({
      max_batch_size: 0,
      input: [{ name: 'INPUT0', dims: [1, 16] }, {}],
    });
    expect((await doors.ask('/v2/models/default')).json).toMatchObject({ inputs: [{ shape: [1, 16] }, {}] });
  });
});

describe('a model that takes a lone number', () => {
  serve(scalarModel());

  it.each<[string, object, object[], unknown[]]>([
    ['a scalar and a list', { shape: [], data: [2] }, [{ shape: [3], data: [1, 2.5, '-0.0'] }], [2, 5, -0]],
    ['a list without elements', { shape: [], data: [2] }, [{ shape: [0], data: [] }], []],
    [
      'bare NaN and infinities',
      { shape: [], data: [1] },
      [{ shape: [2], data: ['NaN', '-Infinity'] }],
      [NaN, -Infinity],
    ],
  ])('[cases 34, 39, 40] takes %s', async (_, factor, [list], product) => {
    const body = JSON.stringify({
      inputs: [
        { name: 'factor', datatype: 'FP64', ...factor },
        { name: 'list', datatype: 'FP64', ...list },
      ],
    }).replace(/"(NaN|-?Infinity|-0.0)"/g, '$1');
    const answer = await doors.post(INFER, body);
    const readable = answer.text.replace(/(NaN|-?Infinity)/g, '"$1"');
    const { outputs } = JSON.parse(readable) as InferAnswerText;
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['factor_out', []],
      ['product', [product.length]],
    ]);
    expect(outputs[1]?.data?.map(Number)).toEqual(product);
  });

  it('[case 39] refuses a number that no double is near to', async () => {
    const body =
      '{"inputs":[{"name":"factor","datatype":"FP64","shape":[],"data":[1e309]},{"name":"list","datatype":"FP64","shape":[0],"data":[]}]}';
    expect(await answerTo(body)).toEqual([400, error(/FP64/)]);
  });
});

describe('who answers', () => {
  serve(constantModel(1), constantModel(2));

  const ROWS = { inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] }] };
  const VERSION = (version: string) => `/v2/models/default/versions/${version}/infer`;

  it.each<[string, string, Record<string, string>, 'current' | 'next']>([
    ['the split', INFER, {}, 'current'],
    ['X-Model-Slot', INFER, { 'X-Model-Slot': 'next' }, 'next'],
    ['X-Canary-Key', INFER, { 'X-Canary-Key': 'user-1' }, 'current'],
    ['version 1 in the path', VERSION('1'), {}, 'current'],
    ['version 2 in the path', VERSION('2'), {}, 'next'],
    ['an encoded path', '/v2/models/%64efault/versions/%32/infer', {}, 'next'],
    ['a query that means nothing', `${VERSION('2')}?version=1`, {}, 'next'],
    ['a version against a slot', VERSION('2'), { 'X-Model-Slot': 'current' }, 'next'],
  ])('is decided by %s', async (_, path, headers, slot) => {
    const label = slot === 'current' ? 1 : 2;
    const answer = await doors.post(path, ROWS, headers);
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        model_name: 'default',
        model_version: String(label),
        outputs: [{ name: 'label', datatype: 'INT64', shape: [2], data: [label, label] }],
      },
    ]);
    expect(answer.headers).toMatchObject({
      'x-model-used': slot,
      'x-model-version': String(label),
      'x-request-id': 'same',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    });
  });

  it.each<[string, string, Record<string, string>, number, RegExp]>([
    ['a slot that is none', INFER, { 'X-Model-Slot': 'best' }, 400, /^X-Model-Slot: expected current or next/],
    ['no number of milliseconds', INFER, { 'X-Request-Timeout-Ms': 'soon' }, 400, /^X-Request-Timeout-Ms: expected/],
    ['an unknown model', '/v2/models/foo/infer', {}, 404, /^Request for unknown model: 'foo' is not found/],
    ['a name that is a path', '/v2/models/..%2f..%2fetc/infer', {}, 404, /^Request for unknown model/],
    ['a version in no slot', VERSION('99'), {}, 404, /^Request for unknown model: 'default' version 99 is not found/],
    ['a version that is a slot', VERSION('next'), {}, 404, /^Request for unknown model/],
  ])('is nobody for %s', async (_, path, headers, status, pattern) => {
    expect(await answerTo(ROWS, path, headers)).toEqual([status, error(pattern)]);
  });

  it('follows the split and the sticky key, as /predict does', async () => {
    const { hot } = doors;
    await hot.change('/set-canary-probability', { probability: 0 });
    try {
      const answer = await hot.http.post(INFER).send(ROWS);
      expect(answer.headers['x-model-used']).toBe('next');
      await hot.change('/set-canary-probability', { probability: 0.5 });
      for (const key of ['a', 'b', 'c', 'd']) {
        const slots = await Promise.all([
          hot.http.post(INFER).set('X-Canary-Key', key).send(ROWS),
          hot.http.post(INFER).set('X-Canary-Key', key).send(ROWS),
          hot.predict([[1, 2, 3, 4]], { 'X-Canary-Key': key }),
        ]);
        expect(new Set(slots.map(({ headers }) => headers['x-model-used'] as string)).size).toBe(1);
      }
    } finally {
      await hot.change('/set-canary-probability', { probability: 1 });
    }
  });

  it('ranks classes as texts, for each row of a model that batches', async () => {
    const outputs = [{ name: 'label', parameters: { classification: 3 } }];
    const [status, json] = await answerTo({ ...ROWS, outputs }, VERSION('2'));
    expect([status, json]).toMatchObject([
      200,
      { outputs: [{ name: 'label', datatype: 'BYTES', shape: [2, 1], data: ['2:0', '2:0'] }] },
    ]);
  });
});

describe('a model whose rows must not share a run', () => {
  serve(batchMeanModel());

  it('answers every request by itself, however many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        answerTo({ inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 2], data: [index, 1, index + 2, 3] }] }),
      ),
    );
    for (const [status, json] of answers)
      expect([status, (json as InferAnswerText).outputs[0]?.data]).toEqual([200, [-1, -1, 1, 1]]);
  });
});

describe('a model of any number of rows and columns', () => {
  serve(identityModel('FP32'));

  it.each([[[0, 3]], [[2, 0]], [[0, 0]]])('[case 34] gives the shape %j back', async (shape) => {
    const body = { inputs: [{ name: 'X', datatype: 'FP32', shape, data: [] }] };
    expect(await answerTo(body)).toMatchObject([200, { outputs: [{ name: 'Y', shape, data: [] }] }]);
  });

  it.each<[number, number]>([
    [50, 200],
    [120, 400],
  ])('[case 25] data nested %d deep is answered %d', async (depth, status) => {
    const data = `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const body = `{"inputs":[{"name":"X","datatype":"FP32","shape":[1,1],"data":${data}}]}`;
    expect((await answerTo(body))[0]).toBe(status);
  });
});
