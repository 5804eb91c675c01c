import type { Datatype } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import type { TensorSpec } from '../tensor';
import { decodePredict } from './decode-predict';

const input = (datatype: Datatype, shape: readonly number[], name = 'X'): TensorSpec => ({ name, datatype, shape });

const signature = (...inputs: TensorSpec[]): ModelSignature => ({ inputs, outputs: [], source: 'onnx' });

const IRIS = signature(input('FP32', [-1, 4]));
const NAMED_IRIS: ModelSignature = { ...IRIS, columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] };
const MIXED = signature(input('FP32', [-1, 1], 'age'), input('BYTES', [-1, 1], 'city'));

const decode = (body: unknown, spec: ModelSignature) =>
  decodePredict(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), spec);

describe('decoding the body of /predict', () => {
  it('makes one tensor of the rows', () => {
    expect(
      decode(
        {
          data: [
            [5.1, 3.5, 1.4, 0.2],
            [6.2, 3.4, 5.4, 2.3],
          ],
        },
        IRIS,
      ),
    ).toEqual({
      ok: true,
      rows: 2,
      inputs: [
        {
          name: 'X',
          datatype: 'FP32',
          shape: [2, 4],
          data: new Float32Array([5.1, 3.5, 1.4, 0.2, 6.2, 3.4, 5.4, 2.3]),
        },
      ],
    });
  });

  it('takes rows that name their columns, in any order, mixed with rows that do not', () => {
    const body = {
      data: [
        { petal_width: 0.2, sepal_length: 5.1, petal_length: 1.4, sepal_width: 3.5 },
        [6.2, 3.4, 5.4, 2.3],
        { sepal_length: 1, sepal_width: 2, petal_length: 3, petal_width: 4 },
      ],
    };
    expect(decode(body, NAMED_IRIS)).toMatchObject({
      ok: true,
      inputs: [{ shape: [3, 4], data: new Float32Array([5.1, 3.5, 1.4, 0.2, 6.2, 3.4, 5.4, 2.3, 1, 2, 3, 4]) }],
    });
  });

  it('gives each of several inputs its element of a row, by position or by name', () => {
    const expected = {
      ok: true,
      rows: 2,
      inputs: [
        { name: 'age', datatype: 'FP32', shape: [2, 1], data: new Float32Array([30, 41]) },
        { name: 'city', datatype: 'BYTES', shape: [2, 1], data: ['Oslo', 'Rīga'] },
      ],
    };
    expect(
      decode(
        {
          data: [
            [30, 'Oslo'],
            [41, 'Rīga'],
          ],
        },
        MIXED,
      ),
    ).toEqual(expected);
    expect(
      decode(
        {
          data: [
            { city: 'Oslo', age: 30 },
            { age: [41], city: ['Rīga'] },
          ],
        },
        MIXED,
      ),
    ).toEqual(expected);
  });

  it('takes rows of higher rank, and learns the sizes that the signature leaves open from the first', () => {
    const image = signature(input('UINT8', [-1, 2, -1]));
    expect(
      decode(
        {
          data: [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
        },
        image,
      ),
    ).toMatchObject({
      inputs: [{ shape: [1, 2, 3], data: new Uint8Array([1, 2, 3, 4, 5, 6]) }],
    });
  });

  it('takes scalars as rows of a vector', () => {
    expect(decode({ data: [1, 2, 3] }, signature(input('INT64', [-1])))).toMatchObject({
      inputs: [{ shape: [3], data: new BigInt64Array([1n, 2n, 3n]) }],
    });
  });

  it('ignores other members, and of a member given twice takes the last', () => {
    expect(decode('{"id":[{}],"data":[[9,9,9,9],[9,9,9,9]],"data":[[1,2,3,4]],"x":null}', IRIS)).toMatchObject({
      ok: true,
      rows: 1,
    });
  });

  it.each<[Datatype, string, unknown]>([
    ['BOOL', '[true,false]', new Uint8Array([1, 0])],
    ['UINT8', '[0,255]', new Uint8Array([0, 255])],
    ['INT8', '[-128,127]', new Int8Array([-128, 127])],
    ['UINT16', '[65535]', new Uint16Array([65_535])],
    ['INT16', '[-32768]', new Int16Array([-32_768])],
    ['UINT32', '[4294967295]', new Uint32Array([4_294_967_295])],
    ['INT32', '[-2147483648]', new Int32Array([-2_147_483_648])],
    ['UINT64', '[18446744073709551615]', new BigUint64Array([18446744073709551615n])],
    ['INT64', '[9007199254740993,-9223372036854775808]', new BigInt64Array([9007199254740993n, -9223372036854775808n])],
    ['FP16', '[1,-2,0.1]', new Uint16Array([0x3c00, 0xc000, 0x2e66])],
    ['FP32', '[0.1,-0,1e-45,3.4028235e38]', new Float32Array([0.1, -0, 1e-45, 3.4028235e38])],
    ['FP64', '[0.1,1.7976931348623157e308]', new Float64Array([0.1, 1.7976931348623157e308])],
    ['BYTES', '["","a\\u00e9\\ud83d\\ude00"]', ['', 'aé😀']],
  ])('[case 37] reads %s without losing anything', (datatype, data, expected) => {
    expect(decode(`{"data":${data}}`, signature(input(datatype, [-1])))).toMatchObject({
      inputs: [{ data: expected }],
    });
  });
});

describe('a body that does not fit', () => {
  const IRIS_INPUT = '(input "X" is FP32[?, 4])';

  it.each([
    [
      'ragged rows',
      {
        data: [
          [1, 2, 3, 4],
          [1, 2, 3],
        ],
      },
      `data[1]: expected an array of 4 values, got 3 ${IRIS_INPUT}`,
    ],
    [
      'too many columns',
      { data: [[1, 2, 3, 4, 5]] },
      `data[0]: expected an array of 4 values, got more than 4 ${IRIS_INPUT}`,
    ],
    ['a string', { data: [[1, 2, '3', 4]] }, `data[0][2]: expected a number, got a string ${IRIS_INPUT}`],
    ['null', { data: [[1, null, 3, 4]] }, `data[0][1]: expected a number, got null ${IRIS_INPUT}`],
    ['true', { data: [[true, 2, 3, 4]] }, `data[0][0]: expected a number, got a boolean ${IRIS_INPUT}`],
    ['deeper nesting', { data: [[[1], 2, 3, 4]] }, `data[0][0]: expected a number, got an array ${IRIS_INPUT}`],
    [
      'a row that is a scalar',
      { data: [1, 2, 3, 4] },
      `data[0]: expected an array of 4 values, got a number ${IRIS_INPUT}`,
    ],
    ['no rows', { data: [] }, '"data" holds no rows; send at least one'],
    ['an empty row', { data: [[]] }, `data[0]: expected an array of 4 values, got 0 ${IRIS_INPUT}`],
    [
      'a number too large',
      '{"data":[[1e39,2,3,4]]}',
      `data[0][0]: expected a number that FP32 can hold, below 3.4028235677973366e+38 ${IRIS_INPUT}`,
    ],
    [
      '1e309',
      '{"data":[[1e309,2,3,4]]}',
      `data[0][0]: expected a number that FP32 can hold, below 3.4028235677973366e+38 ${IRIS_INPUT}`,
    ],
  ])('[cases 33, 35, 39] is told about %s', (_, body, problem) => {
    expect(decode(body, IRIS)).toEqual({ ok: false, code: 'tensor-mismatch', problem });
  });

  it.each<[Datatype, string, string]>([
    ['UINT8', '256', 'expected a number from 0 to 255 for UINT8'],
    ['UINT8', '-1', 'expected a number from 0 to 255 for UINT8'],
    ['INT8', '128', 'expected a number from -128 to 127 for INT8'],
    ['INT32', '2147483648', 'expected a number from -2147483648 to 2147483647 for INT32'],
    ['INT64', '9223372036854775808', 'expected a number from -9223372036854775808 to 9223372036854775807 for INT64'],
    ['UINT64', '18446744073709551616', 'expected a number from 0 to 18446744073709551615 for UINT64'],
    ['INT64', '1.5', 'expected a whole number for INT64'],
    ['INT32', '"1"', 'expected a number, got a string'],
    ['INT32', 'true', 'expected a number, got a boolean'],
    ['BOOL', '1', 'expected a boolean, got a number'],
    ['FP16', '65520', 'expected a number that FP16 can hold, below 65520'],
    ['BYTES', '1', 'expected a string, got a number'],
    ['BYTES', '"a\\u0000b"', 'expected a string without the character U+0000'],
    ['BYTES', '"\\ud800"', 'expected a string of whole characters, got half a surrogate pair'],
  ])('[case 38] is not made to fit %s: %s', (datatype, element, problem) => {
    expect(decode(`{"data":[${element}]}`, signature(input(datatype, [-1])))).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem: `data[0]: ${problem} (input "X" is ${datatype}[?])`,
    });
  });

  it('names the element in a tensor of higher rank', () => {
    expect(decode({ data: [[[1, 2]], [[3, 'x']]] }, signature(input('FP32', [-1, 1, 2])))).toMatchObject({
      problem: 'data[1][0][1]: expected a number, got a string (input "X" is FP32[?, 1, 2])',
    });
  });

  it.each([
    [{ data: [{ sepal_length: 1, sepal_width: 2, petal_length: 3 }] }, 'data[0]: "petal_width" is missing'],
    [{ data: [{ sepal_length: 1, sepal_width: 2, petal_length: 3, petal_width: 4, x: 1 }] }, 'data[0]: unknown "x"'],
    ['{"data":[{"sepal_length":1,"sepal_length":2}]}', 'data[0]: "sepal_length" is given twice'],
  ])('is told which column is wrong: %j', (body, problem) => {
    expect(decode(body, NAMED_IRIS)).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem: `${problem}; the columns are sepal_length, sepal_width, petal_length, petal_width`,
    });
  });

  it.each([
    [{ data: [[30]] }, 'data[0]: expected one element for each of the inputs age, city, got 1'],
    [{ data: [[30, 'Oslo', 1]] }, 'data[0]: expected one element for each of the inputs age, city, got more than 2'],
    [{ data: ['Oslo'] }, 'data[0]: expected an array or an object with age, city, got a string'],
    [{ data: [{ age: 30 }] }, 'data[0]: "city" is missing; the inputs are age, city'],
    [{ data: [['Oslo', 30]] }, 'data[0][0]: expected a number, got a string (input "age" is FP32[?, 1])'],
  ])('is told which of several inputs is wrong: %j', (body, problem) => {
    expect(decode(body, MIXED)).toEqual({ ok: false, code: 'tensor-mismatch', problem });
  });

  it('is told when the model takes a fixed number of rows', () => {
    expect(
      decode(
        {
          data: [
            [1, 2],
            [3, 4],
          ],
        },
        signature(input('FP32', [1, 2])),
      ),
    ).toMatchObject({
      code: 'tensor-mismatch',
      problem: 'expected 1 rows, got 2: the batch axis of input "X" is fixed',
    });
  });

  it.each([
    ['null', 'got null'],
    ['5', 'got a number'],
    ['[[1,2,3,4]]', 'got an array'],
    ['', 'got the end of the text'],
    ['{}', 'but "data" is missing'],
    ['{"data":5}', 'but "data" is a number'],
    ['{"data":null}', 'but "data" is null'],
    ['{"data":{"X":[[1]]}}', 'but "data" is an object'],
  ])('[case 18] is told what a body looks like when it is %s', (body, problem) => {
    expect(decode(body, IRIS)).toEqual({
      ok: false,
      code: 'invalid-body',
      problem: `Expected an object like {"data": [[5.1, 3.5, 1.4, 0.2]]}, ${problem}`,
    });
  });

  it.each([
    '{"data":[[1,2,3,4]',
    '{"data":[[NaN,2,3,4]]}',
    '{"data":[[1,2,3,4]]} x',
    '{"__proto__":{},"data":[[1,2,3,4]]}',
  ])('[cases 21, 22] is refused as JSON: %s', (body) => {
    expect(decode(body, IRIS)).toMatchObject({ ok: false, code: 'invalid-json' });
  });
});
