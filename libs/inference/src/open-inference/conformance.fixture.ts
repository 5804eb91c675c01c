import type { Datatype, TensorData } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import type { TensorValue } from '../tensor';
import { decodeInfer } from './decode-infer';
import { encodeInfer } from './encode-infer';
import { readHeaderLength } from './header-length';
import { binaryInput, bytesOf, identity, requestForX, signature, SIMPLE, spec } from './infer-request.fixture';

/** A case of the protocol's conformance list: its number and name, what is observed, what is expected of it. */
export type ConformanceCase = readonly [title: string, observe: () => unknown, expected: unknown];

export interface Answer {
  readonly json: Record<string, unknown>;
  readonly text: string;
  readonly tail: Buffer;
  readonly headerLength: number | undefined;
  readonly outputs: readonly Record<string, unknown>[];
}

/** What a server does with a request: reads the header, decodes, runs `run`, encodes. A refusal comes as its sentence. */
export function serve(
  model: ModelSignature,
  run: (inputs: readonly TensorValue[]) => readonly TensorValue[],
  body: Uint8Array | string,
  {
    header,
    maxBatchSize = 0,
    classNames = null,
  }: { header?: string; maxBatchSize?: number; classNames?: string[] | null } = {},
): Answer | string {
  const length = readHeaderLength(header);
  if (!length.ok) return length.problem;
  const request = decodeInfer(typeof body === 'string' ? Buffer.from(body) : body, length.length, model, maxBatchSize);
  if (!request.ok) return request.problem;
  const encoded = encodeInfer({
    modelName: 'm',
    modelVersion: '1',
    id: request.id,
    requested: request.outputs,
    tensors: run(request.inputs),
    batched: maxBatchSize > 0,
    classNames,
  });
  if (!encoded.ok) return encoded.problem;
  const whole = typeof encoded.body === 'string' ? Buffer.from(encoded.body) : Buffer.concat(encoded.body);
  const text = whole.toString('utf8', 0, encoded.headerLength ?? whole.length);
  const json = JSON.parse(text.replaceAll(/-?\b(NaN|Infinity)\b/g, '"$&"')) as Record<string, unknown>;
  const tail = whole.subarray(encoded.headerLength ?? whole.length);
  return { json, text, tail, headerLength: encoded.headerLength, outputs: json['outputs'] as Answer['outputs'] };
}

export const same = (inputs: readonly TensorValue[]): readonly TensorValue[] => inputs;

export const sumAndDifference = ([a, b]: readonly TensorValue[]): readonly TensorValue[] => {
  const [tensor, x, y] = [a as TensorValue, a?.data as Int32Array, b?.data as Int32Array];
  return [
    { ...tensor, data: x.map((value, index) => value + (y[index] as number)) },
    { ...tensor, data: x.map((value, index) => value - (y[index] as number)) },
  ];
};

export const RAMP = Array.from({ length: 16 }, (_, index) => index);
export const ONES = RAMP.map(() => 1);
export const SUMS = RAMP.map((value) => value + 1);

export const input = (name: string, data: unknown, more: object = {}): object => ({
  name,
  shape: [1, 16],
  datatype: 'INT32',
  data,
  ...more,
});

export const simpleInputs = [input('INPUT0', RAMP), input('INPUT1', ONES)];

export const simple = (more: object = {}): Answer | string =>
  serve(SIMPLE, sumAndDifference, JSON.stringify({ inputs: simpleInputs, ...more }));

export const simpleWith = (inputs: readonly object[]): Answer | string =>
  serve(SIMPLE, sumAndDifference, JSON.stringify({ inputs }));

/** A request with one input to the identity model of its datatype. */
export const identityAnswer = (
  datatype: Datatype,
  shape: readonly number[],
  data: string,
  more = '',
): Answer | string => serve(identity(datatype, ...shape.map(() => -1)), same, requestForX(datatype, shape, data, more));

export function binaryAnswer(
  datatype: Datatype,
  shape: readonly number[],
  data: TensorData,
  size?: number,
): Answer | string {
  const tail = bytesOf(datatype, data);
  const inputs = [binaryInput('X', datatype, shape, size ?? tail.length)];
  const json = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs }));
  const body = Buffer.concat([json, tail]);
  return serve(identity(datatype, ...shape.map(() => -1)), same, body, { header: String(json.length) });
}

export const raw = (model: ModelSignature, body: Uint8Array): Answer | string =>
  serve(model, same, body, { header: '0' });

export const forms = (answer: Answer | string): unknown =>
  typeof answer === 'string'
    ? answer
    : answer.outputs.map(({ name, data }) => [name, data === undefined ? 'binary' : 'JSON']);

export const dataOf = (answer: Answer | string): unknown =>
  typeof answer === 'string' ? answer : answer.outputs[0]?.['data'];
export const shapeOf = (answer: Answer | string): unknown =>
  typeof answer === 'string' ? answer : answer.outputs[0]?.['shape'];
export const hexOf = (answer: Answer | string): unknown =>
  typeof answer === 'string' ? answer : answer.tail.toString('hex');
export const hex = (datatype: Datatype, data: TensorData): string =>
  Buffer.from(bytesOf(datatype, data)).toString('hex');

export const want = (name: string, parameters?: object): object =>
  parameters === undefined ? { name } : { name, parameters };
export const three = signature([spec('A', 'FP32', 1), spec('B', 'FP32', 1), spec('C', 'FP32', 1)], []);
export const only = (name: string): string =>
  `{"inputs":[{"name":"${name}","shape":[1],"datatype":"FP32","data":[1]}]}`;
export const depth = (levels: number, leaf: string): string => '['.repeat(levels) + leaf + ']'.repeat(levels);
export const ones8 = '[1,1,1,1,1,1,1,1]';
export const classes5 = ',"outputs":[{"name":"Y","parameters":{"classification":5}}]';
export const floats = (count: number): Float32Array => Float32Array.from({ length: count }, (_, index) => index / 3);
export const text = (part: string): unknown => expect.stringContaining(part);
export const good = expect.objectContaining({ outputs: expect.any(Array) as unknown }) as unknown;
