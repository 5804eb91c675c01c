import { quoted } from './refusal';

/** The header that tells how many bytes of a body are JSON, in lower case as Node has it. */
export const INFERENCE_HEADER = 'inference-header-content-length';

export type HeaderLength =
  | { readonly ok: true; readonly length: number | undefined }
  | { readonly ok: false; readonly code: 'invalid-header'; readonly problem: string };

const LARGEST_LENGTH = 2_147_483_647;

/** Reads the value of {@link INFERENCE_HEADER}: an unsigned integer of 31 bits, or undefined where the header is absent. */
export function readHeaderLength(value: string | undefined): HeaderLength {
  if (value === undefined) return { ok: true, length: undefined };
  const length = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
  if (length <= LARGEST_LENGTH) return { ok: true, length };
  const problem = `Inference-Header-Content-Length must be the number of bytes of JSON at the start of the body, got ${quoted(value)}`;
  return { ok: false, code: 'invalid-header', problem };
}
