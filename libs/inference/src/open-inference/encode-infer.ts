import type { TensorValue } from '../tensor';
import { writeBinaryElements } from './binary-elements';
import { classify } from './classification';
import { writeFlatElements } from './element-text';
import type { RequestedOutput } from './infer-request';
import { quoted } from './refusal';

/** What an inference is answered with. */
export interface InferAnswer {
  readonly modelName: string;
  readonly modelVersion: string | undefined;
  readonly id: string | undefined;
  /** What was asked for, in the answer's order. */
  readonly requested: readonly RequestedOutput[];
  /** All outputs of the model, in its order. */
  readonly tensors: readonly TensorValue[];
  /** Whether the model batches, so that each row is classified by itself. */
  readonly batched: boolean;
  /** Names of the model's classes, for the classification extension. */
  readonly classNames: readonly string[] | null;
}

export type EncodedAnswer =
  | {
      readonly ok: true;
      /** The JSON; where there are binary outputs, then the bytes of each, to be sent one after another. Elements are not copied. */
      readonly body: string | readonly Uint8Array[];
      /** Of all of `body`. */
      readonly byteLength: number;
      /** Length of the JSON where bytes follow it: the value of Inference-Header-Content-Length, which is else left out. */
      readonly headerLength: number | undefined;
      readonly contentType: 'application/json' | 'application/octet-stream';
    }
  | { readonly ok: false; readonly code: 'tensor-mismatch'; readonly problem: string };

/**
 * Encodes the answer to an inference request of the Open Inference Protocol (V2). Not ok only where an output has too many elements to
 * be classified. Throws where `tensors` lacks an output that is asked for.
 */
export function encodeInfer(answer: InferAnswer): EncodedAnswer {
  const texts: string[] = [];
  const blobs: Uint8Array[] = [];
  let tailBytes = 0;
  for (const requested of answer.requested) {
    const tensor = tensorFor(requested, answer);
    if (typeof tensor === 'string') {
      return { ok: false, code: 'tensor-mismatch', problem: `output ${quoted(requested.name)}: ${tensor}` };
    }
    const blob = requested.binary ? writeBinaryElements(tensor.datatype, tensor.data) : undefined;
    texts.push(outputText(requested.name, tensor, blob));
    if (blob === undefined) continue;
    blobs.push(blob);
    tailBytes += blob.byteLength;
  }
  return assemble(answerText(answer, texts), blobs, tailBytes);
}

function assemble(text: string, blobs: readonly Uint8Array[], tailBytes: number): EncodedAnswer {
  if (tailBytes === 0) {
    const byteLength = Buffer.byteLength(text);
    return { ok: true, body: text, byteLength, headerLength: undefined, contentType: 'application/json' };
  }
  const json = Buffer.from(text);
  return {
    ok: true,
    body: [json, ...blobs],
    byteLength: json.length + tailBytes,
    headerLength: json.length,
    contentType: 'application/octet-stream',
  };
}

function tensorFor({ name, index, classification }: RequestedOutput, answer: InferAnswer): TensorValue | string {
  const tensor = answer.tensors[index];
  if (tensor === undefined) throw new Error(`the model gave no output ${quoted(name)}`);
  const { batched, classNames } = answer;
  return classification === 0 ? tensor : classify(tensor, { top: classification, batched, classNames });
}

/** A JSON output has no `parameters`: the C++ client looks for `binary_data_size` in every output that has some. */
function outputText(name: string, { datatype, shape, data }: TensorValue, blob: Uint8Array | undefined): string {
  const content =
    blob === undefined
      ? `"data":${writeFlatElements(datatype, data)}`
      : `"parameters":{"binary_data_size":${blob.byteLength}}`;
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],${content}}`;
}

function answerText({ modelName, modelVersion, id }: InferAnswer, outputs: readonly string[]): string {
  const version = modelVersion === undefined ? '' : `"model_version":${JSON.stringify(modelVersion)},`;
  const echoed = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  return `{"model_name":${JSON.stringify(modelName)},${version}${echoed}"outputs":[${outputs.join(',')}]}`;
}
