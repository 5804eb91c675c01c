import { readJson } from '../json/read-json';
import type { ModelSignature } from '../signature/signature';
import type { Tensor } from '../tensor';
import { decodePredict } from './decode-predict';

/** A model's input example, as a client would send it and as the model takes it. */
export interface InputExample {
  /** What `data` of a request to `POST /predict` would hold. */
  readonly rows: readonly unknown[];
  readonly inputs: readonly Tensor[];
}

/**
 * Reads a model's own input example, in whichever of MLflow's forms it is written: nested arrays, a data frame (`columns` and
 * `data`), or a map of input names. Undefined for what does not fit the signature: an example is a help, never a reason to refuse
 * a model.
 */
export function readExample(bytes: Uint8Array, signature: ModelSignature): InputExample | undefined {
  const parsed = readJson(bytes, { nonFiniteNumbers: true });
  const rows = parsed.ok ? toRows(parsed.value) : undefined;
  if (rows === undefined) return undefined;
  const decoded = decodePredict(Buffer.from(JSON.stringify({ data: rows })), signature);
  return decoded.ok ? { rows, inputs: decoded.inputs } : undefined;
}

function toRows(example: unknown): unknown[] | undefined {
  if (Array.isArray(example)) return example as unknown[];
  if (typeof example !== 'object' || example === null) return undefined;
  const map = example as Record<string, unknown>;
  if ('inputs' in map && 'params' in map) return toRows(map['inputs']);
  if (Array.isArray(map['data'])) return map['data'] as unknown[];
  return columnsToRows(map);
}

/** `{"a": [1, 2], "b": [3, 4]}` as `[{"a": 1, "b": 3}, {"a": 2, "b": 4}]`. */
function columnsToRows(map: Record<string, unknown>): unknown[] | undefined {
  const columns = Object.entries(map);
  const [first] = columns;
  if (first === undefined || !columns.every(([, values]) => Array.isArray(values))) return undefined;
  return (first[1] as unknown[]).map((_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, (values as unknown[])[row]])),
  );
}
