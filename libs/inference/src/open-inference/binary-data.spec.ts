import type { Datatype, TensorData } from '../datatype';
import { decodeInfer } from './decode-infer';
import {
  binaryInput,
  bytesOf,
  decode,
  decodeWithTail,
  identity,
  signature,
  SIMPLE,
  spec,
} from './infer-request.fixture';

const floats = new Float32Array([1, -2.5, NaN, 0]);

/** A request for X whose elements are `tail`, which starts `offset` bytes after a multiple of 8 in memory. */
function inMemoryAt(offset: number, tail: Uint8Array, datatype: Datatype, count: number): [Uint8Array, number] {
  const json = JSON.stringify({ inputs: [binaryInput('X', datatype, [count], tail.length)] });
  const start = (((offset - json.length) % 8) + 8) % 8;
  const memory = new Uint8Array(new ArrayBuffer(start + json.length + tail.length));
  memory.set(Buffer.from(json), start);
  memory.set(tail, start + json.length);
  return [memory.subarray(start), json.length];
}

describe('binary data', () => {
  it.each<[Datatype, TensorData]>([
    ['BOOL', new Uint8Array([1, 0])],
    ['UINT8', new Uint8Array([0, 255])],
    ['UINT16', new Uint16Array([0, 65_535])],
    ['UINT32', new Uint32Array([0, 4_294_967_295])],
    ['UINT64', new BigUint64Array([0n, 18446744073709551615n])],
    ['INT8', new Int8Array([-128, 127])],
    ['INT16', new Int16Array([-32_768, 32_767])],
    ['INT32', new Int32Array([-2_147_483_648, 2_147_483_647])],
    ['INT64', new BigInt64Array([-9223372036854775808n, 9223372036854775807n])],
    ['FP16', new Uint16Array([0x3c00, 0xfe00])],
    ['FP32', new Float32Array([0.1, -Infinity])],
    ['FP64', new Float64Array([0.1, NaN])],
    ['BYTES', ['', 'Rīga 😀']],
  ])('[case 43] is read as %s wherever in memory it begins', (datatype, data) => {
    const tail = bytesOf(datatype, data);
    for (let offset = 0; offset < 8; offset++) {
      const [body, headerLength] = inMemoryAt(offset, tail, datatype, 2);
      expect(decodeInfer(body, headerLength, signature([spec('X', datatype, -1)]))).toMatchObject({
        ok: true,
        inputs: [{ name: 'X', datatype, shape: [2], data }],
      });
    }
  });

  it('is a view of the body where it is aligned, and a copy where it is not', () => {
    for (const offset of [0, 1]) {
      const [body, headerLength] = inMemoryAt(offset, bytesOf('FP32', floats), 'FP32', 4);
      const result = decodeInfer(body, headerLength, identity('FP32', -1));
      const data = result.ok ? (result.inputs[0]?.data as Float32Array) : floats;
      expect(data.buffer === body.buffer).toBe(offset === 0);
    }
  });

  it('makes 1 of every truth, and leaves the body as it was', () => {
    const tail = new Uint8Array([0, 1, 2, 255, 0]);
    expect(decodeWithTail({ inputs: [binaryInput('X', 'BOOL', [5], 5)] }, [tail], identity('BOOL', -1))).toMatchObject({
      inputs: [{ data: new Uint8Array([0, 1, 1, 1, 0]) }],
    });
    expect([...tail]).toEqual([0, 1, 2, 255, 0]);
  });

  it('follows the JSON in the order of the inputs that declare it, JSON inputs between them', () => {
    const model = signature([spec('A', 'UINT8', -1), spec('B', 'FP32', -1), spec('C', 'BYTES', -1)]);
    const request = {
      inputs: [
        binaryInput('C', 'BYTES', [1], 6),
        { name: 'B', shape: [1], datatype: 'FP32', data: [0.5] },
        binaryInput('A', 'UINT8', [2], 2),
      ],
    };
    expect(decodeWithTail(request, [bytesOf('BYTES', ['hi']), new Uint8Array([7, 8])], model)).toMatchObject({
      ok: true,
      inputs: [
        { name: 'A', data: new Uint8Array([7, 8]) },
        { name: 'B', data: new Float32Array([0.5]) },
        { name: 'C', data: ['hi'] },
      ],
    });
  });

  it('may be empty, with data that is null and without the header', () => {
    const empty = { ...binaryInput('X', 'FP32', [0], 0), data: null };
    expect(decode({ inputs: [empty] }, identity('FP32', -1))).toMatchObject({ ok: true, inputs: [{ shape: [0] }] });
    expect(decodeWithTail({ inputs: [empty] }, [], identity('FP32', -1)).ok).toBe(true);
  });

  const X = binaryInput('X', 'FP32', [4], 16);
  const bytes = bytesOf('FP32', floats);

  it.each<[string, object, Uint8Array, string]>([
    ['too few bytes', X, bytes.subarray(1), "unexpected size for input 'X', expecting 1 additional bytes"],
    ['too many bytes', X, new Uint8Array(17), 'unexpected additional input data: 17 bytes follow the JSON'],
    [
      'a size that the shape does not have',
      binaryInput('X', 'FP32', [4], 20),
      new Uint8Array(20),
      "input byte size mismatch for input 'X': 4 elements of FP32 are due. Expected 16, got 20",
    ],
    [
      'an odd size',
      binaryInput('X', 'FP32', [4], 15),
      new Uint8Array(15),
      "input byte size mismatch for input 'X': 4 elements of FP32 are due. Expected 16, got 15",
    ],
    [
      'a size beyond all memory',
      binaryInput('X', 'FP32', [4], 2 ** 60),
      bytes,
      "unexpected size for input 'X', expecting 1152921504606847000 additional bytes",
    ],
    [
      'a shape that no body could fill',
      binaryInput('X', 'FP32', [2_000_000_000], 16),
      bytes,
      'Expected 8000000000, got 16',
    ],
  ])('[cases 34, 35, 43] is refused with %s', (_, input, tail, problem) => {
    expect(decodeWithTail({ inputs: [input] }, [tail], identity('FP32', -1))).toMatchObject({
      ok: false,
      code: 'tensor-mismatch',
      problem: expect.stringContaining(problem),
    });
  });

  it.each(['-1', '1.5', '16.0', '"16"', 'true', '1e1', 'null', '18446744073709551616'])(
    'is refused with binary_data_size %s',
    (size) => {
      const json = JSON.stringify({ inputs: [X] }).replace('":16}', `":${size}}`);
      expect(decodeWithTail(json, [bytes], identity('FP32', -1))).toMatchObject({
        ok: false,
        code: 'invalid-body',
        problem: expect.stringContaining("parameter 'binary_data_size' to be"),
      });
    },
  );

  it.each([
    ['no whole length', [1, 0], "incomplete string length indicator for input 'X': element 0 has 2 of its 4 bytes"],
    ['a text cut short', [3, 0, 0, 0, 97], "incomplete string for input 'X': element 0 says 3 bytes, 1 are left"],
    ['a length beyond all memory', [255, 255, 255, 255], 'element 0 says 4294967295 bytes, 0 are left'],
    ['too few texts', [1, 0, 0, 0, 97], "expected 2 string elements for input 'X', got 1"],
    [
      'too many texts',
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      "unexpected number of string elements for input 'X': expected 2, got more; 4 bytes are left",
    ],
    [
      'bytes that are no UTF-8',
      [1, 0, 0, 0, 255],
      "input 'X': element 0: its bytes are not UTF-8; BYTES are text here",
    ],
    ['a surrogate in UTF-8', [3, 0, 0, 0, 0xed, 0xa0, 0x80], "input 'X': element 0: its bytes are not UTF-8"],
    ['a NUL', [1, 0, 0, 0, 0], "input 'X': element 0: expected a string without the character U+0000"],
  ])('[case 43] of BYTES is refused with %s', (_, values, problem) => {
    const tail = Uint8Array.from(values);
    const input = binaryInput('X', 'BYTES', [2], tail.length);
    expect(decodeWithTail({ inputs: [input] }, [tail], identity('BYTES', -1))).toMatchObject({
      ok: false,
      code: 'tensor-mismatch',
      problem: expect.stringContaining(problem),
    });
  });
});

describe('the length of the JSON', () => {
  const json = Buffer.from(JSON.stringify({ inputs: [binaryInput('X', 'FP32', [4], 16)] }));
  const body = Buffer.concat([json, bytesOf('FP32', floats)]);
  const model = identity('FP32', -1);

  it.each([body.length + 1, 9_999_999, 99_999_999_999, Infinity, -1, NaN])(
    '[case 43] is refused when it is %d',
    (length) => {
      expect(decodeInfer(body, length, model)).toEqual({
        ok: false,
        code: 'invalid-header',
        problem: `Inference-Header-Content-Length says ${length} bytes of JSON, the body has ${body.length} bytes in all`,
      });
    },
  );

  it.each([1, json.length - 1, json.length + 1, body.length])('is refused as JSON when it is %d', (length) => {
    expect(decodeInfer(body, length, model)).toMatchObject({ ok: false, code: 'invalid-json' });
  });

  it('is asked for where binary data comes without it', () => {
    expect(decodeInfer(body, undefined, model)).toMatchObject({
      code: 'invalid-json',
      problem: expect.stringContaining('needs the header Inference-Header-Content-Length'),
    });
    expect(decodeInfer(json, undefined, model)).toMatchObject({
      code: 'tensor-mismatch',
      problem: expect.stringContaining('expecting 16 additional bytes'),
    });
  });
});

describe('a raw request', () => {
  const BINARY_Y = [{ name: 'Y', index: 0, binary: true, classification: 0 }];

  it.each<[string, number[], number, number[]]>([
    ['an open size', [-1], 0, [4]],
    ['an open size among fixed ones', [2, -1], 0, [2, 2]],
    ['fixed sizes', [4], 0, [4]],
    ['a batch of one', [-1, 4], 8, [1, 4]],
    ['a batch of one and an open size', [-1, -1], 8, [1, 4]],
  ])('is the elements of the only input: %s', (_, shape, maxBatchSize, expected) => {
    const result = decodeInfer(bytesOf('FP32', floats), 0, identity('FP32', ...shape), maxBatchSize);
    expect(result).toEqual({
      ok: true,
      id: undefined,
      inputs: [{ name: 'X', datatype: 'FP32', shape: expected, data: floats }],
      outputs: BINARY_Y,
      rows: expected[0],
      priority: undefined,
      timeoutUs: undefined,
    });
  });

  it('is one text where the input is BYTES [1]', () => {
    for (const [shape, maxBatchSize, expected] of [
      [[1], 0, [1]],
      [[-1, 1], 8, [1, 1]],
    ] as const) {
      expect(decodeInfer(Buffer.from('427'), 0, identity('BYTES', ...shape), maxBatchSize)).toMatchObject({
        ok: true,
        inputs: [{ shape: expected, data: ['427'] }],
        outputs: BINARY_Y,
      });
    }
  });

  it('may be empty', () => {
    expect(decodeInfer(new Uint8Array(), 0, identity('FP32', -1))).toMatchObject({ inputs: [{ shape: [0] }] });
  });

  it.each([
    ['three inputs', SIMPLE, 0, "Raw request must only have 1 input, the model has 2: 'INPUT0', 'INPUT1'"],
    ['two open sizes', identity('FP32', -1, -1), 0, 'can not be deduced'],
    ['an open size beside an empty axis', identity('FP32', -1, 0), 0, 'can not be deduced'],
    ['a rest', identity('FP32', -1, 3), 0, 'Expected 24, got 16'],
    ['too many bytes for a batch of one', identity('FP32', -1, 2), 8, 'Expected 8, got 16'],
    ['BYTES of an open size', identity('BYTES', -1), 0, 'needs a model whose shape is [1]'],
    ['BYTES of two', identity('BYTES', 2), 0, 'needs a model whose shape is [1]'],
    ['BYTES that are no text', identity('BYTES', 1), 0, 'its bytes are not UTF-8'],
  ])('[case 35] is refused for %s', (_, model, maxBatchSize, problem) => {
    expect(decodeInfer(bytesOf('FP32', floats), 0, model, maxBatchSize)).toMatchObject({
      ok: false,
      code: 'tensor-mismatch',
      problem: expect.stringContaining(problem),
    });
  });
});
