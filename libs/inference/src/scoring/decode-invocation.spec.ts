import type { Datatype } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import type { TensorSpec } from '../tensor';
import { declaredAs, decodeInvocation, type InvocationResult } from './decode-invocation';

const input = (datatype: Datatype, shape: readonly number[], name = 'X'): TensorSpec => ({ name, datatype, shape });
const signature = (...inputs: TensorSpec[]): ModelSignature => ({ inputs, outputs: [], source: 'mlmodel' });

const IRIS = signature(input('FP32', [-1, 4]));
const NAMED: ModelSignature = { ...signature(input('FP32', [-1, 3])), columns: ['a', 'b', 'c'] };
const MIXED = signature(input('FP32', [-1, 1], 'age'), input('BYTES', [-1, 1], 'city'), input('INT64', [-1], 'id'));

const decode = (body: unknown, spec: ModelSignature): InvocationResult =>
  decodeInvocation(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), 'application/json', spec);

const refused = (errorCode: string, message: string) => ({ ok: false, failure: { status: 400, errorCode, message } });

const rows = (count: number, data: readonly number[]) => ({
  ok: true,
  rows: count,
  answer: 'arrays',
  inputs: [{ name: 'X', datatype: 'FP32', shape: [count, data.length / count], data: new Float32Array(data) }],
});

const MIXED_ROWS = {
  ok: true,
  rows: 2,
  inputs: [
    { name: 'age', datatype: 'FP32', shape: [2, 1], data: new Float32Array([30, NaN]) },
    { name: 'city', datatype: 'BYTES', shape: [2, 1], data: ['Oslo', 'Rīga'] },
    { name: 'id', datatype: 'INT64', shape: [2], data: new BigInt64Array([9007199254740993n, -1n]) },
  ],
};

describe('decoding a body of /invocations', () => {
  it.each([
    [
      'split, in the order of pandas',
      '{"dataframe_split":{"index":[0,1],"columns":["c","a","b"],"data":[[3,1,2],[6,4,5]]}}',
    ],
    ['split, data first', '{"dataframe_split":{"data":[[3,1,2],[6,4,5]],"columns":["c","a","b"]}}'],
    [
      'split, more columns than the model has',
      '{"dataframe_split":{"columns":["c","z","a","b"],"data":[[3,"?",1,2],[6,[{}],4,5]]}}',
    ],
    ['split without columns', '{"dataframe_split":{"data":[[1,2,3],[4,5,6]]}}'],
    ['split with the columns that pandas counts', '{"dataframe_split":{"columns":[0,1,2],"data":[[1,2,3],[4,5,6]]}}'],
    ['records in any order', '{"dataframe_records":[{"c":3,"a":1,"b":2},{"b":5,"z":{},"c":6,"a":4}]}'],
    ['records as arrays', '{"dataframe_records":[[1,2,3],[4,5,6]]}'],
    ['inputs by column', '{"inputs":{"b":[2,5],"z":[[0]],"a":[1,4],"c":[3,6]}}'],
    ['inputs as rows', '{"inputs":[[1,2,3],[4,5,6]]}'],
    ['inputs under the name of the input', '{"inputs":{"X":[[1,2,3],[4,5,6]]}}'],
    ['instances as rows', '{"instances":[[1,2,3],[4,5,6]]}'],
    ['instances as objects', '{"instances":[{"a":1,"c":3,"b":2},{"a":4,"b":5,"c":6}]}'],
    ['instances as objects with the input', '{"instances":[{"X":[1,2,3]},{"X":[4,5,6]}]}'],
    ['the last of a key given twice', '{"inputs":[[0,0,0]],"params":{"inputs":1},"inputs":[[1,2,3],[4,5,6]]}'],
  ])('takes %s', (_, body) => {
    expect(decode(body, NAMED)).toEqual(rows(2, [1, 2, 3, 4, 5, 6]));
  });

  it.each([
    [
      'split',
      '{"dataframe_split":{"columns":["id","age","city"],"data":[[9007199254740993,30,"Oslo"],[-1,null,"Rīga"]]}}',
    ],
    ['records', '{"dataframe_records":[{"id":9007199254740993,"age":30,"city":"Oslo"},{"city":"Rīga","id":-1}]}'],
    ['inputs', '{"inputs":{"city":[["Oslo"],["Rīga"]],"age":[30,NaN],"id":[9007199254740993,"-1"]}}'],
    [
      'instances',
      '{"instances":[{"age":[30],"city":"Oslo","id":9007199254740993},{"age":[NaN],"city":["Rīga"],"id":-1}]}',
    ],
  ])('case 37: feeds each of several inputs from %s, 64 bits without loss', (_, body) => {
    expect(decode(body, MIXED)).toMatchObject(MIXED_ROWS);
  });

  it('names the columns of a model without names by the first record, and takes as many as come where the width is open', () => {
    const open = signature(input('FP32', [-1, -1]));
    const body = { dataframe_records: [{ p: 1, q: 2 }, { q: 4, p: 3 }, { q: 5 }] };
    expect(decode(body, open)).toEqual(rows(3, [1, 2, 3, 4, NaN, 5]));
    expect(
      decode(
        {
          dataframe_split: {
            data: [
              [1, 2, 3],
              [4, 5, 6],
            ],
          },
        },
        open,
      ),
    ).toEqual(rows(2, [1, 2, 3, 4, 5, 6]));
    expect(decode({ dataframe_split: { columns: ['q', 'p'], data: [[1, 2]] } }, open)).toEqual(rows(1, [1, 2]));
  });

  it('takes tensors of higher rank from nested arrays, also in the cells of a data frame', () => {
    const image = signature(input('FP32', [-1, 2, -1]));
    const pixels = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const expected = { ok: true, rows: 1, inputs: [{ shape: [1, 2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) }] };
    for (const body of [
      { inputs: [pixels] },
      { instances: [{ X: pixels }] },
      { dataframe_split: { columns: ['X'], data: [[pixels]] } },
      { dataframe_records: [{ X: pixels }] },
    ]) {
      expect(decode(body, image)).toMatchObject(expected);
    }
  });

  it('takes a model whose inputs have no batch axis', () => {
    const scalar = signature(input('FP32', [-1, 2]), input('FP64', [], 'threshold'));
    expect(
      decode(
        {
          inputs: {
            X: [
              [1, 2],
              [3, 4],
            ],
            threshold: 0.5,
          },
        },
        scalar,
      ),
    ).toMatchObject({
      rows: 2,
      inputs: [{ shape: [2, 2] }, { shape: [], data: new Float64Array([0.5]) }],
    });
    expect(decode({ inputs: 0.5 }, signature(input('FP64', [])))).toMatchObject({ rows: 1, inputs: [{ shape: [] }] });
  });

  it.each([
    ['nothing', 'dataframe_split', 'records'],
    ['nothing', 'inputs', 'arrays'],
    ['tensors', 'dataframe_split', 'arrays'],
    ['tensors', 'inputs', 'arrays'],
    ['columns', 'dataframe_split', 'records'],
    ['columns', 'inputs', 'records'],
  ] as const)('answers a model that declares %s, asked with %s, with %s', (declared, key, answer) => {
    const data = [[1, 2, 3, 4]];
    const body = Buffer.from(JSON.stringify({ [key]: key === 'inputs' ? data : { data } }));
    expect(decodeInvocation(body, 'application/json', IRIS, declared)).toMatchObject({ ok: true, answer });
  });

  it('knows what an MLmodel file declares', () => {
    const column = { kind: 'column', name: 'a', type: 'double', required: true } as const;
    expect(declaredAs(undefined)).toBe('nothing');
    expect(declaredAs({ inputs: [], outputs: [] })).toBe('nothing');
    expect(declaredAs({ inputs: [column], outputs: [] })).toBe('columns');
    expect(
      declaredAs({ inputs: [{ kind: 'tensor', name: undefined, datatype: 'FP32', shape: [-1, 4] }], outputs: [] }),
    ).toBe('tensors');
  });
});

describe('a body that does not fit is told what was expected, what came and what to do', () => {
  const KEYS =
    'Expected an object with exactly one of "dataframe_split", "dataframe_records", "inputs" and "instances", ' +
    'like {"inputs": [[5.1, 3.5, 1.4, 0.2]]}';

  it.each([
    ['null', `${KEYS}; got null`],
    ['[[1,2,3]]', `${KEYS}; got an array`],
    ['', `${KEYS}; got the end of the text`],
    ['{}', `${KEYS}; got an empty object`],
    ['{"data":[[1,2,3]],"x":1}', `${KEYS}; got "data", "x"`],
    ['{"inputs":[[1,2,3]],"instances":[]}', `${KEYS}; got "inputs" and "instances"`],
    ['{"dataframe_split":[]}', 'Expected "dataframe_split" to be an object with "columns" and "data", got an array'],
    ['{"dataframe_split":{}}', 'Expected "dataframe_split" to hold "data", the rows as arrays'],
    [
      '{"dataframe_split":{"data":[],"dtypes":{}}}',
      'Expected "dataframe_split" to hold "columns", "index" and "data" only, got "dtypes"',
    ],
    ['{"dataframe_split":{"data":5}}', 'Expected "dataframe_split.data" to be an array of rows, got a number'],
    ['{"dataframe_split":{"columns":"a","data":[]}}', 'Expected "columns" to be an array of names, got a string'],
    ['{"dataframe_split":{"columns":[["a"]],"data":[]}}', 'Expected columns[0] to be a name, got an array'],
    ['{"dataframe_split":{"index":5,"data":[]}}', 'Expected "index" to be an array, got a number'],
    [
      '{"dataframe_split":{"columns":["a","b","c","a"],"data":[]}}',
      'The column "a" is given twice. Send each column once',
    ],
    ['{"dataframe_records":{"a":1}}', 'Expected "dataframe_records" to be an array of objects, got an object'],
    ['{"inputs":null}', '"inputs": expected an array for input "X", got null'],
    ['{"inputs":{"a":[1],"b":[2,3],"c":[4]}}', 'Expected as many values in each column of "inputs", got 1, 2, 1'],
  ])('case 18: %s', (body, message) => {
    expect(decode(body, NAMED)).toEqual(refused('BAD_REQUEST', message));
  });

  it.each([
    [
      '{"dataframe_split":{"columns":["a","z"],"data":[[1,2]]}}',
      'Missing columns: "b", "c"; the model does not take "z". Send every one of the model\'s columns: "a", "b", "c"',
    ],
    [
      '{"dataframe_records":[{"a":1,"b":2},{"b":3}]}',
      'Missing columns: "c". Send every one of the model\'s columns: "a", "b", "c"',
    ],
    [
      '{"instances":[{"a":1,"b":2,"c":3},{"a":1,"b":2}]}',
      'Missing columns: "c". Send every one of the model\'s columns: "a", "b", "c"',
    ],
    ['{"inputs":{"a":[1]}}', 'Missing columns: "b", "c". Send every one of the model\'s columns: "a", "b", "c"'],
    [
      '{"dataframe_split":{"data":[[1,2,3],[1,2]]}}',
      'dataframe_split.data[1]: expected 3 cells, one for each column, got 2',
    ],
    [
      '{"dataframe_split":{"data":[[1,2,3,4]]}}',
      'dataframe_split.data[0]: expected 3 cells, one for each column, got more than 3',
    ],
    ['{"dataframe_split":{"data":[{"a":1}]}}', 'dataframe_split.data[0]: expected an array of 3 cells, got an object'],
    [
      '{"dataframe_records":[{"a":1,"b":2,"c":3},[1,2,3]]}',
      'dataframe_records[1]: expected an object as the first one is, got an array',
    ],
    ['{"dataframe_records":[{}]}', 'dataframe_records[0]: expected an object with columns, got an empty one'],
    ['{"dataframe_records":[{"a":1,"a":2}]}', 'dataframe_records[0]: the member "a" is given twice'],
    ['{"dataframe_records":[]}', '"dataframe_records" holds no rows; send at least one'],
    ['{"dataframe_split":{"data":[]}}', '"dataframe_split.data" holds no rows; send at least one'],
    ['{"instances":[]}', '"instances" holds no rows; send at least one'],
    ['{"inputs":{"X":[]}}', 'Input "X" holds no values; send at least one row'],
    ['{"inputs":[[1,2,3],[1,2]]}', 'inputs[1]: expected an array of 3 values, got 2 (input "X" is FP32[?, 3])'],
  ])('cases 33 to 35: %s', (body, message) => {
    expect(decode(body, NAMED)).toEqual(refused('INVALID_PARAMETER_VALUE', message));
  });

  it.each([
    [
      '{"dataframe_split":{"columns":["a","b","c"],"data":[[1,"x",3]]}}',
      'dataframe_split.data[0][1]: expected a number, got a text that is none (column "b" of input "X", FP32[?, 3])',
    ],
    [
      '{"dataframe_records":[{"a":1,"b":[2],"c":3}]}',
      'dataframe_records[0]: expected a single value, got an array (column "b" of input "X", FP32[?, 3])',
    ],
    [
      '{"inputs":{"a":[1,"x"],"b":[1,2],"c":[1,2]}}',
      'inputs.a[1]: expected a number, got a text that is none (input "a" is FP32[?])',
    ],
    [
      '{"inputs":[[1,2,1e39]]}',
      'inputs[0][2]: expected a number that FP32 can hold, below 3.4028235677973366e+38 (input "X" is FP32[?, 3])',
    ],
  ])('names the place of a value: %s', (body, message) => {
    expect(decode(body, NAMED)).toEqual(refused('BAD_REQUEST', message));
  });

  it('says how many columns a model without names takes', () => {
    expect(decode({ dataframe_split: { columns: ['p', 'q'], data: [] } }, IRIS)).toEqual(
      refused('INVALID_PARAMETER_VALUE', 'Expected 4 columns for input "X", FP32[?, 4], got 2: "p", "q"'),
    );
    const record = { p: 1, q: 2, r: 3, s: 4 };
    expect(decode({ dataframe_records: [record, { ...record, t: 5 }] }, IRIS)).toEqual(
      refused(
        'INVALID_PARAMETER_VALUE',
        'dataframe_records[1]: unknown column "t"; the first object has "p", "q", "r", "s"',
      ),
    );
  });

  it('says which inputs a model with several takes', () => {
    expect(decode({ inputs: [[1, 2, 3]] }, MIXED)).toEqual(
      refused(
        'INVALID_PARAMETER_VALUE',
        'The model has 3 inputs, so which one an array is for cannot be told. Send an object with an array for each: "age", "city", "id"',
      ),
    );
    expect(decode({ inputs: { age: [1], city: ['x'], id: [1, 2] } }, MIXED)).toEqual(
      refused('INVALID_PARAMETER_VALUE', 'Expected as many rows in each input, got 1 and 2 (input "id")'),
    );
    expect(decode({ dataframe_records: [{ age: 1, city: 'x', id: null }] }, MIXED)).toEqual(
      refused(
        'BAD_REQUEST',
        'dataframe_records[0].id: expected a whole number for INT64, got a missing value, which only floats can hold (input "id" is INT64[?])',
      ),
    );
  });

  it('says that the batch axis is fixed', () => {
    expect(
      decode(
        {
          inputs: [
            [1, 2],
            [3, 4],
          ],
        },
        signature(input('FP32', [1, 2])),
      ),
    ).toEqual(refused('INVALID_PARAMETER_VALUE', 'Expected 1 rows, got 2: the first axis of input "X" is fixed'));
  });

  it.each([
    '{"inputs":[[1,2,3]',
    '{"inputs":[[1,2,3]]} x',
    "{'inputs':[[1,2,3]]}",
    '{"inputs":[[1,2,3],]}',
    '{"inputs":[[nan,2,3]]}',
  ])('cases 18, 21: is no JSON: %s', (body) => {
    expect(decode(body, NAMED)).toMatchObject({ ok: false, failure: { status: 400, errorCode: 'BAD_REQUEST' } });
  });

  it.each([
    ['UTF-16', Buffer.from('{"inputs":[[1,2,3]]}', 'utf16le')],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('case 18: is refused as %s, in JSON and in CSV', (_, body) => {
    expect(decodeInvocation(body, 'application/json', NAMED)).toMatchObject({ failure: { errorCode: 'BAD_REQUEST' } });
    expect(decodeInvocation(body, 'text/csv', NAMED)).toMatchObject({ ok: false });
  });

  it.each([
    '{"__proto__":{"x":1},"inputs":[[1,2,3]]}',
    '{"inputs":{"__proto__":[1]}}',
    '{"dataframe_records":[{"a":1,"b":2,"c":3,"__proto__":{"x":1}}]}',
    '{"params":{"constructor":{"prototype":{"x":1}}},"inputs":[[1,2,3]]}',
  ])('case 22: reaches for no prototype: %s', (body) => {
    expect(decode(body, NAMED)).toMatchObject({ ok: false, failure: { errorCode: 'BAD_REQUEST' } });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('case 25: is refused at once when nested a million deep', () => {
    const startedMs = performance.now();
    for (const key of ['inputs', 'instances', 'dataframe_split', 'dataframe_records', 'params']) {
      expect(decode(`{"${key}":${'['.repeat(1_000_000)}`, NAMED).ok).toBe(false);
    }
    // With a time that grows with the square it would be hours.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  it('case 31: lists no more than some of a hundred thousand unknown columns', () => {
    const columns = Array.from({ length: 100_000 }, (_, index) => `column ${index} ${'x'.repeat(200)}`);
    const result = decode({ dataframe_split: { columns, data: [] } }, NAMED);
    expect(result.ok ? '' : result.failure.message.length).toBeLessThan(4000);
  });
});
