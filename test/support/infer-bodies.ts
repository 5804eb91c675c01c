import type { Exchanged } from './exchange';

/** Bodies of the Open Inference Protocol with binary tensors, put together and taken apart by hand. */

export interface OutputText {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

export interface InferAnswerText {
  readonly model_name: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly outputs: readonly OutputText[];
}

/** The bytes of the elements, as they lie in memory: little-endian on every machine that this runs on. */
export const bytesOf = (array: NodeJS.TypedArray): Buffer =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** Texts as the protocol has them: each behind its length. */
export function bytesOfTexts(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** The JSON, the elements behind it, and the header that tells where they begin. */
export function binaryRequest(json: object, ...blobs: readonly Uint8Array[]) {
  const text = Buffer.from(JSON.stringify(json));
  return {
    method: 'POST',
    body: Buffer.concat([text, ...blobs]),
    headers: { 'Inference-Header-Content-Length': String(text.length) },
  };
}

/** The JSON of an answer, and the bytes of each output that is binary, by name. Fails where bytes are left over. */
export function takeApart({ headers, bytes }: Pick<Exchanged, 'headers' | 'bytes'>) {
  const announced = headers['inference-header-content-length'];
  let at = announced === undefined ? bytes.length : Number(announced);
  const json = JSON.parse(bytes.subarray(0, at).toString()) as InferAnswerText;
  const blobs: Record<string, Buffer> = {};
  for (const { name, parameters } of json.outputs) {
    if (parameters === undefined) continue;
    blobs[name] = Buffer.from(bytes.subarray(at, at + parameters.binary_data_size));
    at += parameters.binary_data_size;
  }
  expect(at).toBe(bytes.length);
  return { json, blobs };
}
