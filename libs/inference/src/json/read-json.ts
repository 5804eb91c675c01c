import { JsonCursor, JsonError, type JsonOptions } from './json-cursor';

export type JsonResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** The sentence for text that is not the JSON expected: where, and what was wrong, without repeating the text. */
export function describeJsonError(error: JsonError): string {
  return `The body is not valid JSON: ${error.message} (at byte ${error.position})`;
}

/** Reads one whole JSON text. `uniqueKeys` refuses an object that names a member twice, of which `JSON.parse` keeps the last. */
export function readJson(bytes: Uint8Array, options: JsonOptions = {}): JsonResult {
  try {
    const cursor = new JsonCursor(bytes, options);
    const value = cursor.readValue();
    cursor.readEnd();
    return { ok: true, value };
  } catch (error) {
    if (error instanceof JsonError) return { ok: false, problem: describeJsonError(error) };
    throw error;
  }
}
