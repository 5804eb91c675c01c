import type { ModelSignature } from '../signature/signature';
import { describeSpec, type Tensor, type TensorSpec } from '../tensor';
import { readBinaryElements } from './binary-elements';
import type { ReceivedInput } from './received-input';
import { invalidBody, listed, mismatch, quoted } from './refusal';

/** Throws RefusalError unless as many inputs came as the model has; `names` are those that are known. */
export function checkInputCount(came: number, names: readonly string[], { inputs }: ModelSignature): void {
  if (came === inputs.length) return;
  const missing = inputs.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
  const has =
    came > inputs.length ? `the model has ${listed(inputs.map(({ name }) => name))}` : `missing ${listed(missing)}`;
  throw invalidBody(
    `expected ${inputs.length} inputs but got ${came} inputs: got ${listed(names)}, ${has}; send every input once`,
  );
}

/**
 * The received inputs as tensors in the signature's order; binary elements are cut out of `tail`, the bytes after the JSON, in the
 * order in which the JSON names them. `maxBatchSize` above 0 makes the first axis of every input a batch of at most that many rows.
 * Throws RefusalError for what the model does not take.
 */
export function fitInputs(
  received: readonly ReceivedInput[],
  tail: Uint8Array,
  { inputs }: ModelSignature,
  maxBatchSize: number,
): Tensor[] {
  const blobs = cutBlobs(received, tail);
  const byName = new Map(received.map((input) => [input.name, input]));
  refuseUnknown(byName, inputs);
  const ordered = inputs.map(({ name }) => byName.get(name) as ReceivedInput);
  if (maxBatchSize > 0) checkBatch(ordered, maxBatchSize);
  return ordered.map((input, index) => fitInput(input, inputs[index] as TensorSpec, blobs.get(input.name)));
}

function cutBlobs(received: readonly ReceivedInput[], tail: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>();
  let at = 0;
  for (const { name, content } of received) {
    if (!('binaryBytes' in content)) continue;
    const { binaryBytes } = content;
    const left = tail.byteLength - at;
    if (binaryBytes > left) {
      throw mismatch(
        `unexpected size for input ${quoted(name)}, expecting ${binaryBytes - left} additional bytes: parameter 'binary_data_size' says ${binaryBytes}, ${left} are left after the JSON`,
      );
    }
    blobs.set(name, tail.subarray(at, at + binaryBytes));
    at += binaryBytes;
  }
  if (at < tail.byteLength) {
    throw mismatch(
      `unexpected additional input data: ${tail.byteLength} bytes follow the JSON, the inputs declare ${at} with 'binary_data_size'`,
    );
  }
  return blobs;
}

function refuseUnknown(byName: ReadonlyMap<string, ReceivedInput>, inputs: readonly TensorSpec[]): void {
  for (const name of byName.keys()) {
    if (inputs.some((input) => input.name === name)) continue;
    const known = listed(inputs.map((input) => input.name));
    throw invalidBody(`unexpected inference input ${quoted(name)} for model; its inputs are ${known}`);
  }
}

function checkBatch(ordered: readonly ReceivedInput[], maxBatchSize: number): void {
  const [first] = ordered;
  for (const { name, shape } of ordered) {
    const [rows] = shape;
    if (rows === undefined) throw mismatch(`input ${quoted(name)} has no axes, its first must be the batch`);
    if (rows > maxBatchSize) {
      throw mismatch(`inference request batch-size must be <= ${maxBatchSize}: input ${quoted(name)} has ${rows} rows`);
    }
    if (first !== undefined && rows !== first.shape[0]) {
      throw mismatch(
        `input ${quoted(name)} has ${rows} rows, input ${quoted(first.name)} has ${String(first.shape[0])}; all must have as many`,
      );
    }
  }
}

function fitInput(input: ReceivedInput, spec: TensorSpec, blob: Uint8Array | undefined): Tensor {
  const { name, datatype, shape, count, content } = input;
  const where = (): string => `input ${quoted(name)}`;
  if (datatype !== spec.datatype) {
    throw mismatch(`${where()} has datatype ${datatype}, the model takes ${spec.datatype}; convert it`);
  }
  if (shape.length !== spec.shape.length || !spec.shape.every((size, axis) => size < 0 || size === shape[axis])) {
    throw mismatch(
      `unexpected shape for ${where()}: expected ${describeSpec(spec)}, got ${describeSpec(input)}; -1 or ? takes any size`,
    );
  }
  const data =
    'elements' in content ? content.elements : readBinaryElements(blob as Uint8Array, where, datatype, count);
  return { name, datatype, shape, data };
}

/** The size of the first axis that all inputs share; undefined where they do not. */
export function sharedRows(inputs: readonly Tensor[]): number | undefined {
  const rows = inputs[0]?.shape[0];
  return inputs.every(({ shape }) => shape[0] === rows) ? rows : undefined;
}
