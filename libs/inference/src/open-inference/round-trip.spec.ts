import fc from 'fast-check';
import { allocate, type Datatype, DATATYPES, type TensorData } from '../datatype';
import { readJson } from '../json/read-json';
import { elementCount, type Tensor } from '../tensor';
import { readBinaryElements } from './binary-elements';
import { decodeInfer } from './decode-infer';
import { hasJsonForm, writeFlatElements } from './element-text';
import { encodeInfer } from './encode-infer';
import { binaryInput, bytesOf, IRIS, requestForX, signature, spec } from './infer-request.fixture';

const ALL = Object.keys(DATATYPES) as Datatype[];

/** Any text that the runtime's strings can hold. */
const text = () => fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => value.replaceAll('\0', '0'));

/** Any elements of the datatype: for numbers any bits, so that all NaN, subnormals and extremes come. */
function elements(datatype: Datatype, count: number): fc.Arbitrary<TensorData> {
  if (datatype === 'BYTES') return fc.array(text(), { minLength: count, maxLength: count });
  if (datatype === 'BOOL') return fc.uint8Array({ minLength: count, maxLength: count, max: 1 });
  const bytes = (allocate(datatype, count) as Uint8Array).byteLength;
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((bits) => readBinaryElements(bits, () => 'X', datatype, count));
}

const tensors = (datatypes: readonly Datatype[]): fc.Arbitrary<Tensor> =>
  fc
    .record({ datatype: fc.constantFrom(...datatypes), shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }) })
    .chain(({ datatype, shape }) =>
      elements(datatype, elementCount(shape)).map((data) => ({ name: 'X', datatype, shape, data })),
    );

const modelOf = ({ datatype, shape }: Tensor) =>
  signature([spec('X', datatype, ...shape.map(() => -1))], [spec('Y', datatype, ...shape.map(() => -1))]);

/** JSON has one NaN only. */
const withOneNaN = ({ datatype, data }: Tensor): TensorData =>
  datatype === 'FP32'
    ? Float32Array.from(data as Float32Array)
    : datatype === 'FP64'
      ? Float64Array.from(data as Float64Array)
      : data;

describe('what was encoded is decoded', () => {
  it('from JSON, of every datatype that has a form there, of every shape', () => {
    fc.assert(
      fc.property(tensors(ALL.filter(hasJsonForm)), (tensor) => {
        const body = requestForX(tensor.datatype, tensor.shape, writeFlatElements(tensor.datatype, tensor.data));
        expect(decodeInfer(Buffer.from(body), undefined, modelOf(tensor))).toMatchObject({
          ok: true,
          inputs: [{ ...tensor, data: withOneNaN(tensor) }],
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('from binary data, of every datatype and shape, bit for bit', () => {
    fc.assert(
      fc.property(tensors(ALL), (tensor) => {
        const tail = bytesOf(tensor.datatype, tensor.data);
        const parameters = { binary_data_output: true };
        const inputs = [binaryInput('X', tensor.datatype, tensor.shape, tail.length)];
        const json = Buffer.from(JSON.stringify({ parameters, inputs }));
        const result = decodeInfer(Buffer.concat([json, tail]), json.length, modelOf(tensor));
        const [received] = result.ok ? result.inputs : [];
        expect(received).toMatchObject({ datatype: tensor.datatype, shape: tensor.shape });
        expect(bytesOf(tensor.datatype, received!.data)).toEqual(tail);
      }),
      { numRuns: 2_000 },
    );
  });

  it('in the answer: JSON that reads back the same, bytes where the header says', () => {
    fc.assert(
      fc.property(tensors(ALL), fc.boolean(), (tensor, asked) => {
        const binary = asked || !hasJsonForm(tensor.datatype);
        const encoded = encodeInfer({
          modelName: 'm',
          modelVersion: '1',
          id: undefined,
          requested: [{ name: 'Y', index: 0, binary, classification: 0 }],
          tensors: [tensor],
          batched: false,
          classNames: null,
        });
        const sent = encoded.ok ? encoded.body : '';
        const body = typeof sent === 'string' ? Buffer.from(sent) : Buffer.concat(sent);
        const headerLength = encoded.ok ? encoded.headerLength : undefined;
        // The answer's only output is a request's only input under another name.
        const asRequest = body.toString('latin1').replace('"outputs"', '"inputs" ');
        const model = signature([spec('Y', tensor.datatype, ...tensor.shape)]);
        expect(decodeInfer(Buffer.from(asRequest, 'latin1'), headerLength, model)).toMatchObject({
          ok: true,
          inputs: [{ name: 'Y', shape: tensor.shape, data: binary ? tensor.data : withOneNaN(tensor) }],
        });
        expect(readJson(body.subarray(0, headerLength ?? body.length), { nonFiniteNumbers: true }).ok).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('whatever comes is answered, not thrown', () => {
  const expectAnswer = (body: Uint8Array, headerLength: number | undefined): void => {
    const result = decodeInfer(body, headerLength, IRIS, 4);
    expect(result.ok || result.problem.length > 0).toBe(true);
  };

  it('any bytes with any header', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.option(fc.integer({ max: 250 }), { nil: undefined }),
        (body, headerLength) => {
          expectAnswer(body, headerLength);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expectAnswer(Buffer.from(json), undefined);
      }),
      { numRuns: 2_000 },
    );
  });

  it('any JSON in the place of any member of a valid request', () => {
    const input = { name: 'X', shape: [1, 4], datatype: 'FP32', data: [1, 2, 3, 4], parameters: { own: 1 } };
    const output = { name: 'scores', parameters: { binary_data: true, classification: 1 } };
    const request = { id: '1', parameters: { priority: 1, timeout: 5 }, inputs: [input], outputs: [output] };
    const paths = pathsOf(request);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        expectAnswer(Buffer.from(JSON.stringify(replaced(request, path, value))), undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it('a valid request of which bytes were changed, left out or added', () => {
    const tail = bytesOf('FP32', new Float32Array([1, 2, 3, 4]));
    const json = Buffer.from(JSON.stringify({ id: 'a', inputs: [binaryInput('X', 'FP32', [1, 4], 16)] }));
    const whole = Buffer.concat([json, tail]);
    const edit = fc.record({
      at: fc.nat({ max: whole.length }),
      take: fc.nat({ max: 3 }),
      put: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.integer({ min: -2, max: 2 }), (edits, shift) => {
        const changed = edits.reduce(
          (bytes, { at, take, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]),
          whole,
        );
        expectAnswer(changed, json.length + shift);
      }),
      { numRuns: 5_000 },
    );
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
