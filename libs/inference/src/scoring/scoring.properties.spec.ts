import fc from 'fast-check';
import type { ModelSignature } from '../signature/signature';
import { elementCount } from '../tensor';
import { decodeInvocation, type InvocationResult } from './decode-invocation';

const NAMES = ['a', 'b', 'c'];
const NUMBERS: ModelSignature = {
  inputs: [{ name: 'X', datatype: 'FP64', shape: [-1, 3] }],
  outputs: [],
  source: 'mlmodel',
  columns: NAMES,
};
const MIXED: ModelSignature = {
  inputs: [
    { name: 'a', datatype: 'FP32', shape: [-1, 1] },
    { name: 'b', datatype: 'INT64', shape: [-1] },
    { name: 'c', datatype: 'BYTES', shape: [-1, -1] },
  ],
  outputs: [],
  source: 'onnx',
};

const numbers = fc.array(fc.tuple(fc.double(), fc.double(), fc.double()), { minLength: 1, maxLength: 8 });
/** Well-formed, and without the NUL that a runtime cannot take. */
const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });

/** As Python's json writes a float. */
const python = (value: number): string => (Object.is(value, -0) ? '-0.0' : String(value));

const decode = (body: string | Uint8Array, signature: ModelSignature, contentType = 'application/json') =>
  decodeInvocation(typeof body === 'string' ? Buffer.from(body) : body, contentType, signature);

/** Every tensor has as many values as its shape says, and all are as long as `rows`. */
function expectSound(result: InvocationResult, signature: ModelSignature): void {
  if (!result.ok) {
    expect([400, 415]).toContain(result.failure.status);
    expect(result.failure.message).not.toBe('');
    return;
  }
  expect(result.inputs.map(({ name }) => name)).toEqual(signature.inputs.map(({ name }) => name));
  for (const { shape, data } of result.inputs) {
    expect(data).toHaveLength(elementCount(shape));
    expect(shape[0]).toBe(result.rows);
    for (const value of data) expect(value).not.toBeUndefined();
  }
}

describe('whatever the values are', () => {
  it('every form of the same rows gives the same tensor, in any order of columns', () => {
    fc.assert(
      fc.property(numbers, order, (rows, columns) => {
        const labels = columns.map((column) => `"${NAMES[column]}"`);
        const cells = rows.map((row) => columns.map((column) => python(row[column] as number)));
        const data = `[${cells.map((row) => `[${row.join()}]`).join()}]`;
        const records = `[${cells.map((row) => `{${row.map((cell, index) => `${labels[index]}:${cell}`).join()}}`).join()}]`;
        const byColumn = labels.map((label, index) => `${label}:[${cells.map((row) => row[index]).join()}]`).join();
        const inOrder = `[${rows.map((row) => `[${row.map(python).join()}]`).join()}]`;
        const expected = { ok: true, rows: rows.length, inputs: [{ data: new Float64Array(rows.flat()) }] };
        for (const body of [
          `{"dataframe_split":{"columns":[${labels.join()}],"data":${data}}}`,
          `{"dataframe_split":{"data":${data},"columns":[${labels.join()}]}}`,
          `{"dataframe_records":${records}}`,
          `{"inputs":{${byColumn}}}`,
          `{"instances":${records}}`,
          `{"inputs":${inOrder}}`,
          `{"instances":${inOrder}}`,
        ]) {
          expect(decode(body, NUMBERS)).toMatchObject(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('CSV gives numbers and texts back, whatever is in them', () => {
    const rows = fc.array(fc.tuple(fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), text), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (values, lineEnd, ended) => {
        const lines = values.map(([a, b, c]) => `"${c.replaceAll('"', '""')}",${python(Math.fround(a))},${b}`);
        const csv = ['c,a,b', ...lines].join(lineEnd) + (ended ? lineEnd : '');
        expect(decode(csv, MIXED, 'text/csv')).toMatchObject({
          ok: true,
          inputs: [
            { data: Float32Array.from(values, ([a]) => a) },
            { data: BigInt64Array.from(values, ([, b]) => b) },
            { data: values.map(([, , c]) => c) },
          ],
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever happened to a request on its way', () => {
  const BODIES = [
    '{"dataframe_split":{"index":[0,1],"columns":["c","a","b"],"data":[["x",1.5,2],["y",null,"4"]]},"params":{"t":1}}',
    '{"dataframe_split":{"data":[["x",1.5,2]],"columns":["c","a","b"]}}',
    '{"dataframe_records":[{"a":1.5,"b":2,"c":"x"},{"b":3,"c":["y"]}]}',
    '{"inputs":{"a":[[1.5],[2]],"b":[1,2],"c":[["x"],["y"]]}}',
    '{"instances":[{"a":1.5,"b":2,"c":"x"},{"a":[NaN],"b":3,"c":["y"]}]}',
    '{"inputs":[[1.5,2,3],["4",true,-Infinity]]}',
    'c,a,b\n"x,""y",1.5,2\r\ny,,3\n',
  ];
  const PIECES = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '1',
    '-',
    '.',
    'e9',
    'null',
    'NaN',
    '"a"',
    '"b":',
    '[]',
    '{}',
    '\ufeff',
    '\u0000',
  ];
  const edit = fc.record({
    at: fc.nat(150),
    remove: fc.nat(12),
    insert: fc.oneof(fc.constantFrom('', ...PIECES), fc.string({ maxLength: 3 })),
  });

  it.each([
    ['numbers', NUMBERS],
    ['mixed inputs', MIXED],
  ])('a model of %s answers or refuses it, never worse', (_, signature) => {
    fc.assert(
      fc.property(fc.constantFrom(...BODIES), fc.array(edit, { minLength: 1, maxLength: 4 }), (body, edits) => {
        const mutated = edits.reduce(
          (value, { at, remove, insert }) => value.slice(0, at) + insert + value.slice(at + remove),
          body,
        );
        expectSound(decode(mutated, signature), signature);
        expectSound(decode(mutated, signature, 'text/csv'), signature);
      }),
      { numRuns: 3000 },
    );
  });

  it('bytes of any kind are answered or refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('application/json', 'text/csv'),
        (bytes, contentType) => {
          expectSound(decode(bytes, NUMBERS, contentType), NUMBERS);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('any JSON under any of the keys is answered or refused', () => {
    const key = fc.constantFrom('dataframe_split', 'dataframe_records', 'inputs', 'instances');
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(0, 1, 1.5, 'x', '2', null, true),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'X', 'data', 'columns', 'index', 'z'), tie('value'), {
          maxKeys: 4,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(key, value, fc.constantFrom(NUMBERS, MIXED), (name, content, signature) => {
        expectSound(decode(JSON.stringify({ [name]: content }), signature), signature);
      }),
      { numRuns: 5000 },
    );
  });
});
