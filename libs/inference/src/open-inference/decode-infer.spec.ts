import type { Datatype } from '../datatype';
import { decodeInfer } from './decode-infer';
import { decode, identity, IRIS, requestForX, signature, SIMPLE, spec } from './infer-request.fixture';

const X = '{"name":"X","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}';
const TENSOR_X = { name: 'X', datatype: 'FP32', shape: [1, 4], data: new Float32Array([5.1, 3.5, 1.4, 0.2]) };
const BOTH = [
  { name: 'label', index: 0, binary: false, classification: 0 },
  { name: 'scores', index: 1, binary: false, classification: 0 },
];

describe('decoding an inference request', () => {
  it('makes a tensor of each input and asks for all outputs', () => {
    expect(decode(`{"inputs":[${X}]}`, IRIS)).toEqual({
      ok: true,
      id: undefined,
      inputs: [TENSOR_X],
      outputs: BOTH,
      rows: 1,
      priority: undefined,
      timeoutUs: undefined,
    });
  });

  it.each([
    '{"datatype":"FP32","shape":[1,4],"data":[5.1,3.5,1.4,0.2],"name":"X"}',
    '{"data":[5.1,3.5,1.4,0.2],"datatype":"FP32","shape":[1,4],"name":"X"}',
    '{"shape":[1,4],"data":[[5.1,3.5],[[1.4],[0.2]]],"name":"X","datatype":"FP32"}',
    '{"data":[5.1,3.5,1.4,0.2],"extra":{"data":[1]},"name":"X","datatype":"FP32","parameters":{"k":1},"shape":[1,4]}',
  ])('takes the members of an input in any order: %s', (input) => {
    expect(decode(`{"outputs":[],"inputs":[${input}],"id":"7"}`, IRIS)).toMatchObject({
      ok: true,
      id: '7',
      inputs: [TENSOR_X],
      outputs: BOTH,
    });
  });

  it('puts the inputs into the order of the signature', () => {
    const ones = Array.from({ length: 16 }, () => 1);
    const twos = ones.map(() => 2);
    const request = {
      inputs: [
        { name: 'INPUT1', shape: [1, 16], datatype: 'INT32', data: twos },
        { name: 'INPUT0', shape: [1, 16], datatype: 'INT32', data: ones },
      ],
    };
    expect(decode(request, SIMPLE)).toMatchObject({
      inputs: [
        { name: 'INPUT0', data: new Int32Array(ones) },
        { name: 'INPUT1', data: new Int32Array(twos) },
      ],
      rows: 1,
    });
  });

  it('tells the rows only where all inputs have as many', () => {
    const model = signature([spec('A', 'FP32', -1), spec('B', 'FP32', -1)]);
    const input = (name: string, rows: number): object => ({
      name,
      shape: [rows],
      datatype: 'FP32',
      data: Array.from({ length: rows }, () => 0),
    });
    expect(decode({ inputs: [input('A', 3), input('B', 3)] }, model)).toMatchObject({ ok: true, rows: 3 });
    expect(decode({ inputs: [input('A', 3), input('B', 2)] }, model)).toMatchObject({ ok: true, rows: undefined });
    expect(decode(requestForX('FP32', [], '[1]'), identity('FP32'))).toMatchObject({ ok: true, rows: undefined });
  });

  it.each<[Datatype, string, unknown]>([
    ['BOOL', '[true,false]', new Uint8Array([1, 0])],
    ['UINT8', '[0,255]', new Uint8Array([0, 255])],
    ['INT8', '[-128,127]', new Int8Array([-128, 127])],
    ['UINT16', '[0,65535]', new Uint16Array([0, 65_535])],
    ['INT16', '[-32768,0]', new Int16Array([-32_768, 0])],
    ['UINT32', '[0,4294967295]', new Uint32Array([0, 4_294_967_295])],
    ['INT32', '[-2147483648,-0]', new Int32Array([-2_147_483_648, 0])],
    ['UINT64', '[0,18446744073709551615]', new BigUint64Array([0n, 18446744073709551615n])],
    ['INT64', '[9007199254740993,-9223372036854775808]', new BigInt64Array([9007199254740993n, -9223372036854775808n])],
    ['FP32', '[NaN,-Infinity]', new Float32Array([NaN, -Infinity])],
    ['FP32', '[-0,1e-45]', new Float32Array([-0, 1e-45])],
    ['FP64', '[Infinity,0.1]', new Float64Array([Infinity, 0.1])],
    ['BYTES', '["","a\\u00e9\\ud83d\\ude00"]', ['', 'aé😀']],
  ])('[cases 37, 39] reads %s %s without losing anything', (datatype, data, expected) => {
    expect(decode(requestForX(datatype, [2], data), identity(datatype, -1))).toMatchObject({
      inputs: [{ datatype, shape: [2], data: expected }],
    });
  });

  it.each([
    ['rank 0', [], '[7]', new Float32Array([7])],
    ['rank 0, nested', [], '[[[7]]]', new Float32Array([7])],
    ['no rows', [0, 4], '[]', new Float32Array()],
    ['rows without columns', [2, 0], '[[],[]]', new Float32Array()],
    ['ragged nesting', [2, 2], '[1,[2,[3]],[],[[[4]]]]', new Float32Array([1, 2, 3, 4])],
  ])('counts leaves: %s', (_, shape, data, expected) => {
    expect(decode(requestForX('FP32', shape, data), identity('FP32', ...shape))).toMatchObject({
      ok: true,
      inputs: [{ shape, data: expected }],
    });
  });

  it('takes null for a member that may be absent, and an empty id for none', () => {
    expect(decode(`{"id":null,"parameters":null,"inputs":[${X}],"outputs":null}`, IRIS)).toMatchObject({
      ok: true,
      id: undefined,
    });
    expect(decode(`{"id":"","inputs":[${X}],"model_name":"iris"}`, IRIS)).toMatchObject({ ok: true, id: undefined });
  });

  it('takes priority, timeout and parameters that mean nothing here', () => {
    const parameters = { priority: 1, timeout: 250_000, mine: 0.5, other: 'text', flag: true, sequence_id: 0 };
    expect(decode({ parameters, inputs: [JSON.parse(X)] }, IRIS)).toMatchObject({
      ok: true,
      priority: 1,
      timeoutUs: 250_000,
    });
  });

  it.each<[string, object[], object[] | undefined, object[]]>([
    ['all in JSON', [{}], undefined, BOTH],
    ['all binary', [{ binary_data_output: true }], undefined, BOTH.map((output) => ({ ...output, binary: true }))],
    ['all binary for an empty list', [{ binary_data_output: true }], [], BOTH.map((o) => ({ ...o, binary: true }))],
    ['the one that is named', [{}], [{ name: 'scores' }], [BOTH[1]!]],
    ['JSON for a named one whatever the request says', [{ binary_data_output: true }], [{ name: 'label' }], [BOTH[0]!]],
    [
      'the order of the request, each in its form',
      [{}],
      [
        { name: 'scores', parameters: { binary_data: true, classification: 2, own: 1 } },
        { name: 'label', parameters: { binary_data: false, classification: 0 } },
      ],
      [{ ...BOTH[1], binary: true, classification: 2 }, BOTH[0]!],
    ],
  ])('asks for outputs: %s', (_, [parameters], outputs, expected) => {
    const request = { inputs: [JSON.parse(X)], parameters, ...(outputs === undefined ? {} : { outputs }) };
    expect(decode(request, IRIS)).toMatchObject({ ok: true, outputs: expected });
  });

  it('takes batches up to the size that the model takes', () => {
    const request = (rows: number): string =>
      requestForX('FP32', [rows, 1], JSON.stringify(Array.from({ length: rows }, () => 1)));
    expect(decode(request(8), identity('FP32', -1, 1), 8)).toMatchObject({ ok: true, rows: 8 });
    expect(decode(request(9), identity('FP32', -1, 1), 8)).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem: "inference request batch-size must be <= 8: input 'X' has 9 rows",
    });
  });

  it('reads a view into a larger buffer', () => {
    const text = Buffer.from(`??{"inputs":[${X}]}??`);
    const body = new Uint8Array(text.buffer, text.byteOffset + 2, text.length - 4);
    expect(decodeInfer(body, undefined, IRIS)).toMatchObject({ ok: true, inputs: [TENSOR_X] });
  });
});
