import { DATATYPES } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import { describeSpec, elementCount, type Tensor, type TensorSpec } from '../tensor';
import { readBinaryElements, readText } from './binary-elements';
import type { InferRequest } from './infer-request';
import { listed, mismatch, quoted } from './refusal';
import { allOutputs } from './requested-outputs';
import { sharedRows } from './fit-inputs';

/**
 * A request without JSON, which is what an inference header of 0 means: the body is the elements of the model's only input, and all
 * outputs come back as binary data. One open size is told by the number of bytes; a batching model (`maxBatchSize` above 0) gets
 * one row. Throws RefusalError.
 */
export function readRawRequest(body: Uint8Array, signature: ModelSignature, maxBatchSize: number): InferRequest {
  const [spec, ...others] = signature.inputs;
  if (spec === undefined || others.length > 0) {
    const names = listed(signature.inputs.map(({ name }) => name));
    throw mismatch(
      `Raw request must only have 1 input, the model has ${signature.inputs.length}: ${names}; send JSON and the header Inference-Header-Content-Length with its length`,
    );
  }
  const inputs = [spec.datatype === 'BYTES' ? rawText(body, spec, maxBatchSize) : rawNumbers(body, spec, maxBatchSize)];
  return {
    id: undefined,
    inputs,
    outputs: allOutputs(signature, true),
    rows: sharedRows(inputs),
    priority: undefined,
    timeoutUs: undefined,
  };
}

/** A batch of one where the model batches. */
function shapeOfOneRow({ shape }: TensorSpec, maxBatchSize: number): readonly number[] {
  return maxBatchSize > 0 ? [1, ...shape.slice(1)] : shape;
}

/** The whole body is one string, without a length before it. */
function rawText(body: Uint8Array, spec: TensorSpec, maxBatchSize: number): Tensor {
  const shape = shapeOfOneRow(spec, maxBatchSize);
  const own = maxBatchSize > 0 ? shape.slice(1) : shape;
  if (own.length !== 1 || own[0] !== 1) {
    throw mismatch(
      `a raw request for input ${quoted(spec.name)} of BYTES needs a model whose shape is [1], this one takes ${describeSpec(spec)}; send JSON`,
    );
  }
  const text = readText(
    Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    () => `input ${quoted(spec.name)}: the body`,
  );
  return { name: spec.name, datatype: spec.datatype, shape, data: [text] };
}

function rawNumbers(body: Uint8Array, spec: TensorSpec, maxBatchSize: number): Tensor {
  const { name, datatype } = spec;
  const where = (): string => `input ${quoted(name)}`;
  const shape = [...shapeOfOneRow(spec, maxBatchSize)];
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const known = elementCount(shape.filter((size) => size >= 0));
    if (known === 0 || shape.includes(-1, open + 1)) {
      throw mismatch(
        `the shape of ${where()}, ${describeSpec(spec)}, can not be deduced from the number of bytes of a raw request; send JSON`,
      );
    }
    // Rounded up: a rest that fills no element is then told as missing bytes.
    shape[open] = Math.ceil(body.byteLength / (known * (DATATYPES[datatype].array?.BYTES_PER_ELEMENT ?? 1)));
  }
  return { name, datatype, shape, data: readBinaryElements(body, where, datatype, elementCount(shape)) };
}
