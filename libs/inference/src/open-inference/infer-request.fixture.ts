import type { Datatype, TensorData } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import type { TensorSpec } from '../tensor';
import { writeBinaryElements } from './binary-elements';
import { decodeInfer } from './decode-infer';
import type { InferResult } from './infer-request';

/** Builders for the specs of this folder. */
export const spec = (name: string, datatype: Datatype, ...shape: number[]): TensorSpec => ({ name, datatype, shape });

export const signature = (inputs: TensorSpec[], outputs: TensorSpec[] = []): ModelSignature => ({
  inputs,
  outputs,
  source: 'onnx',
});

/** A model with one input X and one output Y alike. */
export const identity = (datatype: Datatype, ...shape: number[]): ModelSignature =>
  signature([spec('X', datatype, ...shape)], [spec('Y', datatype, ...shape)]);

/** Triton's example: two inputs and two outputs of INT32 [1, 16]. */
export const SIMPLE = signature(
  [spec('INPUT0', 'INT32', 1, 16), spec('INPUT1', 'INT32', 1, 16)],
  [spec('OUTPUT0', 'INT32', 1, 16), spec('OUTPUT1', 'INT32', 1, 16)],
);

export const IRIS = signature([spec('X', 'FP32', -1, 4)], [spec('label', 'INT64', -1), spec('scores', 'FP32', -1, 3)]);

/** Decodes JSON without anything after it: a text as it is, anything else as JSON.stringify writes it. */
export const decode = (json: unknown, model: ModelSignature, maxBatchSize = 0): InferResult =>
  decodeInfer(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), undefined, model, maxBatchSize);

/** Decodes JSON that bytes follow. */
export function decodeWithTail(json: unknown, tail: readonly Uint8Array[], model: ModelSignature): InferResult {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  return decodeInfer(Buffer.concat([head, ...tail]), head.length, model);
}

/** The text of a request for X alone, with `members` in place of or beside its own. */
export const requestForX = (datatype: string, shape: readonly number[], data: string, more = ''): string =>
  `{"inputs":[{"name":"X","shape":${JSON.stringify(shape)},"datatype":"${datatype}","data":${data}}]${more}}`;

export const bytesOf = (datatype: Datatype, data: TensorData): Uint8Array => writeBinaryElements(datatype, data);

/** An entry of `inputs` whose elements follow the JSON. */
export const binaryInput = (name: string, datatype: Datatype, shape: readonly number[], size: number): object => ({
  name,
  datatype,
  shape,
  parameters: { binary_data_size: size },
});
