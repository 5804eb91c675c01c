import type { TensorValue } from '../tensor';
import { encodeInfer, type InferAnswer } from './encode-infer';
import type { RequestedOutput } from './infer-request';

const LABELS: TensorValue = { datatype: 'INT64', shape: [2], data: new BigInt64Array([0n, 9007199254740993n]) };
const SCORES: TensorValue = { datatype: 'FP32', shape: [2, 2], data: new Float32Array([0.1, 0.9, 1, 1e-7]) };

const want = (name: string, index: number, more: Partial<RequestedOutput> = {}): RequestedOutput => ({
  name,
  index,
  binary: false,
  classification: 0,
  ...more,
});

const answer = (more: Partial<InferAnswer> = {}): InferAnswer => ({
  modelName: 'iris',
  modelVersion: '3',
  id: undefined,
  requested: [want('label', 0), want('scores', 1)],
  tensors: [LABELS, SCORES],
  batched: false,
  classNames: null,
  ...more,
});

/** The JSON, and what follows it. */
function encode(more: Partial<InferAnswer> = {}): { json: string; tail: Buffer; headerLength: number | undefined } {
  const encoded = encodeInfer(answer(more));
  if (!encoded.ok) throw new Error(encoded.problem);
  const whole = typeof encoded.body === 'string' ? Buffer.from(encoded.body) : Buffer.concat(encoded.body);
  expect(whole.length).toBe(encoded.byteLength);
  expect(encoded.contentType).toBe(
    encoded.headerLength === undefined ? 'application/json' : 'application/octet-stream',
  );
  const end = encoded.headerLength ?? whole.length;
  return { json: whole.toString('utf8', 0, end), tail: whole.subarray(end), headerLength: encoded.headerLength };
}

const dataOf = (tensor: TensorValue): string =>
  /"data":(.*)\}\]\}$/s.exec(encode({ requested: [want('Y', 0)], tensors: [tensor] }).json)?.[1] ?? '';

describe('encoding the answer to an inference request', () => {
  it('is JSON with flat data and without parameters', () => {
    expect(encode({ id: '42' })).toEqual({
      json:
        '{"model_name":"iris","model_version":"3","id":"42","outputs":[' +
        '{"name":"label","datatype":"INT64","shape":[2],"data":[0,9007199254740993]},' +
        '{"name":"scores","datatype":"FP32","shape":[2,2],"data":[0.1,0.9,1.0,1e-7]}]}',
      tail: Buffer.alloc(0),
      headerLength: undefined,
    });
  });

  it('leaves out what it does not know, and escapes names', () => {
    expect(encode({ modelName: 'a"b\n', modelVersion: undefined, requested: [] }).json).toBe(
      '{"model_name":"a\\"b\\n","outputs":[]}',
    );
  });

  it('puts binary outputs after the JSON, in the order asked for, without data', () => {
    const { json, tail, headerLength } = encode({
      requested: [want('scores', 1, { binary: true }), want('label', 0)],
    });
    expect(json).toBe(
      '{"model_name":"iris","model_version":"3","outputs":[' +
        '{"name":"scores","datatype":"FP32","shape":[2,2],"parameters":{"binary_data_size":16}},' +
        '{"name":"label","datatype":"INT64","shape":[2],"data":[0,9007199254740993]}]}',
    );
    expect(headerLength).toBe(json.length);
    expect(tail).toEqual(Buffer.from((SCORES.data as Float32Array).buffer));
  });

  it('counts bytes, not characters, in the length of the JSON', () => {
    const { json, headerLength } = encode({ id: 'ī😀', requested: [want('label', 0, { binary: true })] });
    expect(headerLength).toBe(Buffer.byteLength(json));
    expect(JSON.parse(json)).toMatchObject({ id: 'ī😀' });
  });

  it('does not copy the elements', () => {
    const encoded = encodeInfer(answer({ requested: [want('scores', 1, { binary: true })] }));
    const body = encoded.ok ? encoded.body : [];
    expect(typeof body !== 'string' && body[1]?.buffer === (SCORES.data as Float32Array).buffer).toBe(true);
  });

  it('is plain JSON where all binary outputs are empty', () => {
    const nothing: TensorValue = { datatype: 'FP32', shape: [0, 2], data: new Float32Array() };
    expect(encode({ requested: [want('Y', 0, { binary: true })], tensors: [nothing] })).toEqual({
      json: '{"model_name":"iris","model_version":"3","outputs":[{"name":"Y","datatype":"FP32","shape":[0,2],"parameters":{"binary_data_size":0}}]}',
      tail: Buffer.alloc(0),
      headerLength: undefined,
    });
  });

  it('writes texts as a little-endian length and UTF-8', () => {
    const texts: TensorValue = { datatype: 'BYTES', shape: [3], data: ['one', 'ī', ''] };
    const { tail } = encode({ requested: [want('Y', 0, { binary: true })], tensors: [texts] });
    expect(tail.toString('hex')).toBe('030000006f6e6502000000c4ab00000000');
  });

  it.each<[string, TensorValue, string]>([
    ['BOOL', { datatype: 'BOOL', shape: [2], data: new Uint8Array([1, 0]) }, '[true,false]'],
    ['INT8', { datatype: 'INT8', shape: [2], data: new Int8Array([-128, 127]) }, '[-128,127]'],
    [
      'UINT64',
      { datatype: 'UINT64', shape: [1], data: new BigUint64Array([2n ** 64n - 1n]) },
      '[18446744073709551615]',
    ],
    ['FP64', { datatype: 'FP64', shape: [2], data: new Float64Array([0.1, 1e300]) }, '[0.1,1e+300]'],
    ['-0', { datatype: 'FP32', shape: [1], data: new Float32Array([-0]) }, '[-0.0]'],
    ['BYTES', { datatype: 'BYTES', shape: [2], data: ['a"b', 'a\0b'] }, '["a\\"b","a\\u0000b"]'],
    ['a scalar', { datatype: 'INT32', shape: [], data: new Int32Array([5]) }, '[5]'],
    ['nothing', { datatype: 'INT32', shape: [0], data: new Int32Array() }, '[]'],
    [
      'FP32',
      { datatype: 'FP32', shape: [3], data: new Float32Array([0.3, 1 / 3, 3.4028235e38]) },
      '[0.3,0.33333334,3.4028235e+38]',
    ],
  ])('[case 37] writes %s in full', (_, tensor, expected) => {
    expect(dataOf(tensor)).toBe(expected);
  });

  it.each(['FP32', 'FP64'] as const)('[case 40] writes what JSON has no number for as bare words: %s', (datatype) => {
    const values = [NaN, Infinity, -Infinity];
    const data = datatype === 'FP32' ? new Float32Array(values) : new Float64Array(values);
    expect(dataOf({ datatype, shape: [3], data })).toBe('[NaN,Infinity,-Infinity]');
  });

  it('throws where the model gave too few outputs', () => {
    expect(() => encodeInfer(answer({ tensors: [LABELS] }))).toThrow("the model gave no output 'scores'");
  });

  it('puts classes in the place of a tensor, in either form', () => {
    const requested = [want('scores', 1, { classification: 1 })];
    expect(encode({ requested, batched: true, classNames: ['no', 'yes'] }).json).toContain(
      '"datatype":"BYTES","shape":[2,1],"data":["0.900000:1:yes","1.000000:0:no"]}',
    );
    const binary = encode({ requested: [{ ...requested[0]!, binary: true }] });
    expect(binary.json).toContain('"datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":14}}');
    expect(binary.tail.toString('latin1')).toBe('\n\0\0\x001.000000:2');
  });

  it('[case 42] refuses to rank more than a million elements', () => {
    const large: TensorValue = { datatype: 'INT8', shape: [1_000_001], data: new Int8Array(1_000_001) };
    expect(encodeInfer(answer({ requested: [want('Y', 0, { classification: 5 })], tensors: [large] }))).toEqual({
      ok: false,
      code: 'tensor-mismatch',
      problem: "output 'Y': classification output tensor too large: 1000001 elements, at most 1000000 are ranked",
    });
  });
});
