import { readFileSync } from 'node:fs';
import { decodePredict, type ModelSignature, readJson, type Tensor } from '@understudy/inference';

const MAX_EXAMPLE_BYTES = 16 * 1024 * 1024;

/**
 * The model's own input example as tensors, in whichever of MLflow's forms it is written: nested arrays, a data frame
 * (`columns` and `data`), or a map of input names. Undefined where there is none that fits the signature: an example is a help,
 * never a reason to refuse a model.
 */
export function readExample(path: string, signature: ModelSignature): readonly Tensor[] | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  const parsed = bytes.length > MAX_EXAMPLE_BYTES ? undefined : readJson(bytes, { nonFiniteNumbers: true });
  if (parsed?.ok !== true) return undefined;
  const rows = toRows(parsed.value);
  if (rows === undefined) return undefined;
  const decoded = decodePredict(Buffer.from(JSON.stringify({ data: rows })), signature);
  return decoded.ok ? decoded.inputs : undefined;
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
