import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BothDoors } from '../support/both-doors';
import { identityModel, twoInputModel } from '../support/onnx/models';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { EVERY_DATATYPE, everyTypeModel } from '../support/onnx/protocol-models';
import { RunningServer } from '../support/running-server';

/** MLflow's scoring protocol: a drop-in for `mlflow models serve`. */

const PATH = '/invocations';
const JSON_TYPE = { 'Content-Type': 'application/json' };
const CSV = { 'Content-Type': 'text/csv' };

let doors: BothDoors;

const bundled = (version: number): Readonly<Record<string, Uint8Array>> => {
  const folder = join(process.cwd(), 'models', 'tracking-quickstart', String(version));
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
};

function serve(...versions: readonly (Uint8Array | Readonly<Record<string, Uint8Array | string>>)[]): void {
  beforeAll(async () => {
    doors = await BothDoors.open(versions, { UNDERSTUDY_MAX_JSON_BYTES: '100000' });
  });
  afterAll(async () => {
    await doors.close();
  });
}

const answerTo = async (body: unknown, headers: Readonly<Record<string, string>> = JSON_TYPE) => {
  const answer = await doors.post(PATH, body, headers);
  return [answer.status, answer.json];
};

const refusal = (errorCode: string, pattern: RegExp) => ({
  error_code: errorCode,
  message: expect.stringMatching(pattern) as string,
});

describe('the Iris classifier', () => {
  serve(bundled(1), bundled(3));

  const COLUMNS = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];
  const ROWS = [
    [5.1, 3.5, 1.4, 0.2],
    [6.2, 3.4, 5.4, 2.3],
  ];
  const RECORDS = ROWS.map((row) => Object.fromEntries(COLUMNS.map((column, at) => [column, row[at]])));
  const LABELS = { predictions: { label: [0, 2], probabilities: [expect.any(Array), expect.any(Array)] } };

  afterEach(async () => {
    expect(await answerTo({ inputs: ROWS })).toEqual([200, LABELS]);
  });

  it.each<[string, unknown, Record<string, string>]>([
    ['inputs', { inputs: ROWS }, JSON_TYPE],
    ['instances', { instances: ROWS }, JSON_TYPE],
    ['dataframe_split', { dataframe_split: { columns: COLUMNS, data: ROWS } }, JSON_TYPE],
    ['dataframe_split with an index', { dataframe_split: { index: [4, 9], columns: COLUMNS, data: ROWS } }, JSON_TYPE],
    ['dataframe_records', { dataframe_records: RECORDS }, JSON_TYPE],
    ['params', { inputs: ROWS, params: { temperature: 1 } }, JSON_TYPE],
    ['members of other protocols', { model: 'x', inputs: ROWS, messages: [] }, JSON_TYPE],
    ['CSV', [COLUMNS, ...ROWS].map((cells) => cells.join()).join('\n'), CSV],
    [
      'CSV in another order',
      'petal_width,petal_length,sepal_width,sepal_length\r\n.2,1.4,3.5,5.1\r\n2.3,5.4,3.4,6.2\r\n',
      CSV,
    ],
    ['a charset', { inputs: ROWS }, { 'Content-Type': 'application/json; charset=utf-8' }],
    ['another case', { inputs: ROWS }, { 'Content-Type': 'Application/JSON;' }],
  ])('answers %s', async (_, body, headers) => {
    const answer = await doors.post(PATH, body, headers);
    expect([answer.status, answer.json]).toEqual([200, LABELS]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-model-used': 'current',
      'x-model-version': '1',
      'x-request-id': 'same',
      'cache-control': 'no-store',
    });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['[case 18] nothing', '', 'BAD_REQUEST', /^Expected an object with exactly one of "dataframe_split"/],
    ['[case 18] an array', [ROWS], 'BAD_REQUEST', /got an array/],
    ['[case 18] null', 'null', 'BAD_REQUEST', /got null/],
    ['[case 18] UTF-16', Buffer.from(JSON.stringify({ inputs: ROWS }), 'utf16le'), 'BAD_REQUEST', /at byte/],
    ['[case 18] a byte order mark', '\ufeff{"inputs":[[1,2,3,4]]}', 'BAD_REQUEST', /at byte 0/],
    ['[case 18] invalid UTF-8', Buffer.from('7b22696e70757473ff223a5b5d7d', 'hex'), 'BAD_REQUEST', /byte/],
    ['[case 21] truncated JSON', '{"inputs":[[1,2', 'BAD_REQUEST', /at byte 15/],
    ['[case 21] a trailing comma', '{"inputs":[[1,2,3,4]],}', 'BAD_REQUEST', /at byte/],
    ['[case 22] a prototype', '{"inputs":[[1,2,3,4]],"__proto__":{}}', 'BAD_REQUEST', /__proto__/],
    ['[case 25] depth', `{"x":${'['.repeat(50_000)}`, 'BAD_REQUEST', /nested deeper than the limit of 100 levels/],
    ['none of the four', { data: ROWS }, 'BAD_REQUEST', /got "data"$/],
    ['two of the four', { inputs: ROWS, instances: ROWS }, 'BAD_REQUEST', /got "inputs" and "instances"/],
    ['[case 34] no rows', { inputs: [] }, 'INVALID_PARAMETER_VALUE', /./],
    ['[case 33] too few columns', { inputs: [[1, 2, 3]] }, 'INVALID_PARAMETER_VALUE', /4/],
    ['[case 35] ragged rows', { inputs: [[1, 2, 3, 4], [1]] }, 'INVALID_PARAMETER_VALUE', /4/],
    [
      '[case 33] a missing column',
      { dataframe_records: [{ sepal_length: 1 }] },
      'INVALID_PARAMETER_VALUE',
      /sepal_width/,
    ],
    ['[case 38] no number', { inputs: [['a', 2, 3, 4]] }, 'BAD_REQUEST', /expected a number/],
    ['[case 39] 1e309', '{"inputs":[[1e309,2,3,4]]}', 'BAD_REQUEST', /FP32 can hold/],
    ['[case 38] an array for a number', { inputs: [[[1], 2, 3, 4]] }, 'BAD_REQUEST', /got an array/],
  ])('is refused for %s', async (_, body, errorCode, pattern) => {
    expect(await answerTo(body)).toEqual([400, refusal(errorCode, pattern)]);
  });

  it('[case 21] is refused without repeating what was sent', async () => {
    const [, json] = await answerTo({ inputs: [['my-secret-value', 2, 3, 4]] });
    expect(JSON.stringify(json)).not.toContain('my-secret-value');
  });

  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['text', { 'Content-Type': 'text/plain' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['multipart', { 'Content-Type': 'multipart/form-data; boundary=x' }],
    ['Parquet', { 'Content-Type': 'application/vnd.apache.parquet' }],
    ['another charset', { 'Content-Type': 'application/json; charset=utf-16' }],
    ['a parameter of MLflow 1', { 'Content-Type': 'application/json; format=pandas-split' }],
    ['a compressed body', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }],
  ])('[cases 19, 20, 30] is refused in plain text for the content type %s', async (_, headers) => {
    const body = 'Content-Encoding' in headers ? gzipSync(JSON.stringify({ inputs: ROWS })) : { inputs: ROWS };
    const answer = await doors.post(PATH, body, headers);
    expect([answer.status, answer.headers['content-type']]).toEqual([415, 'text/plain; charset=utf-8']);
    expect(answer.text).toMatch(/^Expected /);
  });

  it.each([
    [99_999, 200],
    [100_000, 200],
    [100_001, 413],
  ])('[case 26] a body of %d bytes is answered %d', async (bytes, status) => {
    const [got, json] = await answerTo(JSON.stringify({ inputs: ROWS }).padEnd(bytes));
    expect(got).toBe(status);
    if (status === 413) expect(json).toEqual(refusal('BAD_REQUEST', /UNDERSTUDY_MAX_JSON_BYTES/));
  });

  it.each<[Record<string, string>, string]>([
    [{}, '1'],
    [{ 'X-Model-Slot': 'current' }, '1'],
    [{ 'X-Model-Slot': 'next' }, '2'],
    [{ 'X-Canary-Key': 'user-42' }, '1'],
  ])('%j is answered by version %s', async (headers, version) => {
    const answer = await doors.post(PATH, { inputs: ROWS }, { ...JSON_TYPE, ...headers });
    expect([answer.status, answer.headers['x-model-version']]).toEqual([200, version]);
  });

  it('is refused for a slot that is none', async () => {
    expect(await answerTo({ inputs: ROWS }, { ...JSON_TYPE, 'X-Model-Slot': 'best' })).toEqual([
      400,
      refusal('BAD_REQUEST', /^X-Model-Slot: expected current or next/),
    ]);
  });

  it.each([
    ['/ping', '\n'],
    ['/health', '\n'],
    ['/version', '3.17.2'],
  ])('GET %s is answered as MLflow answers it', async (path, text) => {
    const answer = await doors.ask(path);
    expect([answer.status, answer.text]).toEqual([200, text]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect((await doors.ask(path, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['GET', '/invocations', 'POST'],
    ['HEAD', '/invocations', 'POST'],
    ['OPTIONS', '/invocations', 'POST'],
    ['PUT', '/invocations', 'POST'],
    ['POST', '/ping', 'GET, HEAD'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['OPTIONS', '/version', 'GET, HEAD'],
  ])('[case 17] %s %s is answered 405', async (method, path, allow) => {
    const answer = await doors.ask(path, { method });
    expect([answer.status, answer.headers.allow, answer.text]).toEqual([
      405,
      allow,
      method === 'HEAD' ? '' : '{"detail":"Method Not Allowed"}',
    ]);
  });

  it.each([
    ['/invocations/', 404],
    ['/Invocations', 404],
    ['//invocations', 404],
    ['/%69nvocations', 404],
    ['/invocations?format=json', 200],
  ])('[cases 15, 16] POST %s is answered %d', async (path, status) => {
    expect((await doors.post(path, { inputs: ROWS }, JSON_TYPE)).status).toBe(status);
  });
});

describe('a model with named columns', () => {
  const column = (name: string, type: string) => ({ name, type, required: true });
  const signature = JSON.stringify([column('age', 'float'), column('city', 'string')]);
  serve({
    MLmodel: mlModelText({ onnx: { data: 'model.onnx' } }, `signature: {inputs: '${signature}'}\n`),
    'model.onnx': twoInputModel(),
  });

  const PEOPLE = [
    { age: 30.5, city: 'Oslo' },
    { age: 41, city: 'Rīga' },
  ];
  const ANSWER = [200, { predictions: PEOPLE.map(({ age, city }) => ({ city_out: city, age_out: age })) }];

  it.each<[string, unknown, Record<string, string>]>([
    ['dataframe_records', { dataframe_records: PEOPLE }, JSON_TYPE],
    [
      'columns in another order, and one more',
      {
        dataframe_split: {
          columns: ['city', 'x', 'age'],
          data: [
            ['Oslo', 1, 30.5],
            ['Rīga', 2, 41],
          ],
        },
      },
      JSON_TYPE,
    ],
    ['inputs by name', { inputs: { age: [30.5, 41], city: ['Oslo', 'Rīga'] } }, JSON_TYPE],
    ['instances', { instances: PEOPLE }, JSON_TYPE],
    ['CSV', 'age,city\n30.5,Oslo\n41,"Rīga"\n', CSV],
  ])('answers %s with a record for each row', async (_, body, headers) => {
    expect(await answerTo(body, headers)).toEqual(ANSWER);
  });

  it('[case 35] is refused where its inputs have different numbers of rows', async () => {
    expect(await answerTo({ inputs: { age: [1, 2], city: ['Oslo'] } })).toEqual([
      400,
      refusal('INVALID_PARAMETER_VALUE', /rows/),
    ]);
  });
});

describe('a model that gives out a tensor of each datatype', () => {
  serve(everyTypeModel());

  it('[cases 37, 40, 41] loses nothing of any', async () => {
    const values: Record<string, string> = {
      BOOL: '[[true,false]]',
      UINT64: '[[9007199254740993,18446744073709551615]]',
      INT64: '[[-9223372036854775808,9007199254740993]]',
      FP16: '[[0.5,-2.0]]',
      FP32: '[["NaN","-Infinity"]]',
      FP64: '[[0.1,5e-324]]',
      BYTES: '[["Rīga",""]]',
    };
    const all = EVERY_DATATYPE.map((type) => [type, values[type] ?? '[[1,2]]']);
    const inputs = all.map(([type, value]) => `"in_${type}":${value!.replaceAll('"NaN"', 'NaN')}`).join();
    const answer = await doors.post(PATH, `{"inputs":{${inputs}}}`, JSON_TYPE);
    expect(answer.text).toBe(`{"predictions":{${all.map(([type, value]) => `"out_${type}":${value}`).join()}}}`);
  });
});

describe('a model of texts', () => {
  serve(identityModel('BYTES', [-1, 1]));

  it('[case 41] refuses what the runtime would change', async () => {
    for (const text of ['"a\\u0000b"', '"\\ud800"'])
      expect(await answerTo(`{"inputs":[[${text}]]}`)).toEqual([400, refusal('BAD_REQUEST', /expected a string/)]);
  });
});

describe('a server that is without a model', () => {
  it('is not well, and says what it waits for', async () => {
    const models = new ModelFolder();
    const server = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path },
      waitUntilReady: false,
    });
    try {
      for (const path of ['/ping', '/health']) {
        const answer = await fetch(`${server.url}${path}`);
        expect([answer.status, await answer.text()]).toEqual([404, '\n']);
      }
      expect((await fetch(`${server.url}/version`)).status).toBe(200);
      const answer = await server.http.post(PATH).send({ inputs: [[1]] });
      expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([
        503,
        refusal('TEMPORARILY_UNAVAILABLE', /^current holds no version/),
        '1',
      ]);
    } finally {
      await server.stop();
      models.remove();
    }
  });
});
