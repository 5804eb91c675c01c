import { readFileSync } from 'node:fs';
import { type ModelSignature, readExample, type Tensor } from '@understudy/inference';

const MAX_EXAMPLE_BYTES = 16 * 1024 * 1024;

/** The model's own input example as tensors; undefined where there is none that fits the signature. */
export function exampleInputs(path: string, signature: ModelSignature): readonly Tensor[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  return bytes.length > MAX_EXAMPLE_BYTES ? undefined : readExample(bytes, signature)?.inputs;
}
