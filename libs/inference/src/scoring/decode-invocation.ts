import { describeKind } from '../json/element-reader';
import { JsonCursor } from '../json/json-cursor';
import type { DeclaredSignature } from '../signature/declared-signature';
import type { ModelSignature } from '../signature/signature';
import { elementCount, type Tensor } from '../tensor';
import { readMediaType } from './media-type';
import { readCsv } from './read-csv';
import { readDataframeRecords, readDataframeSplit } from './read-dataframe';
import { readTensors } from './read-tensors';
import type { RowSource } from './row-sink';
import { badRequest, invalidParameter, listNames, type ScoringFailure, toScoringFailure } from './scoring-failure';

/** How the answer is written: an object of arrays by output name, or a list with an object for each element of the outputs. */
export type AnswerForm = 'arrays' | 'records';

export type InvocationResult =
  | {
      readonly ok: true;
      /** In the signature's order. */
      readonly inputs: readonly Tensor[];
      readonly rows: number;
      readonly answer: AnswerForm;
    }
  | { readonly ok: false; readonly failure: ScoringFailure };

/** What a model's MLmodel file declares its inputs to be; it decides, together with the form of the request, the form of the answer. */
export type DeclaredAs = 'nothing' | 'columns' | 'tensors';

/** What the signature in an MLmodel file (undefined where there is none) declares the inputs to be. */
export function declaredAs(declared: DeclaredSignature | undefined): DeclaredAs {
  const [first] = declared?.inputs ?? [];
  if (first === undefined) return 'nothing';
  return first.kind === 'column' ? 'columns' : 'tensors';
}

type FormatKey = 'dataframe_split' | 'dataframe_records' | 'inputs' | 'instances';

const FORMATS: ReadonlyMap<string, FormatKey> = new Map(
  (['dataframe_split', 'dataframe_records', 'inputs', 'instances'] as const).map((key) => [key, key]),
);

const EXPECTED =
  'Expected an object with exactly one of "dataframe_split", "dataframe_records", "inputs" and "instances", ' +
  'like {"inputs": [[5.1, 3.5, 1.4, 0.2]]}';

/**
 * Decodes the body of MLflow's `POST /invocations` (scoring protocol of MLflow 2 and 3): JSON with exactly one of `dataframe_split`,
 * `dataframe_records`, `inputs` and `instances`, or CSV. `params` and other members are left aside, as MLflow's ONNX flavor does.
 *
 * More lenient than MLflow where nothing can be lost: whole numbers feed float inputs also without a signature; rows by position feed
 * a model with named columns; CSV feeds a model with a tensor signature; a bare value stands for a row of one element.
 * Stricter where MLflow guesses: see {@link castFor}, ragged rows, duplicate columns, no rows. JSON must be UTF-8 without a mark.
 *
 * `declared` is {@link declaredAs} of the MLmodel file; where it is not known, a signature from one counts as tensors.
 */
export function decodeInvocation(
  body: Uint8Array,
  contentType: string | undefined,
  signature: ModelSignature,
  declared: DeclaredAs = signature.source === 'onnx' ? 'nothing' : 'tensors',
): InvocationResult {
  try {
    const kind = readMediaType(contentType);
    const { inputs, isDataFrame } =
      kind === 'csv' ? { inputs: readCsv(signature, body), isDataFrame: true } : readJsonBody(body, signature);
    const asRecords = declared === 'columns' || (declared === 'nothing' && isDataFrame);
    return { ok: true, inputs, rows: countRows(inputs, signature), answer: asRecords ? 'records' : 'arrays' };
  } catch (error) {
    return { ok: false, failure: toScoringFailure(error) };
  }
}

interface Decoded {
  readonly inputs: readonly Tensor[];
  readonly isDataFrame: boolean;
}

function readJsonBody(body: Uint8Array, signature: ModelSignature): Decoded {
  const cursor = new JsonCursor(body, { nonFiniteNumbers: true });
  const kind = cursor.peek();
  if (kind !== 'object') throw badRequest(`${EXPECTED}; got ${describeKind(kind)}`);
  const source = { body, cursor };
  const others: string[] = [];
  let chosen: FormatKey | undefined;
  let decoded: Decoded | undefined;
  cursor.readObject((name) => {
    const key = FORMATS.get(name);
    if (key === undefined) {
      others.push(name);
      cursor.skip();
      return;
    }
    if (chosen !== undefined && chosen !== key) throw badRequest(`${EXPECTED}; got "${chosen}" and "${key}"`);
    chosen = key;
    decoded = readFormat(key, signature, source);
  });
  cursor.readEnd();
  if (decoded !== undefined) return decoded;
  throw badRequest(`${EXPECTED}; got ${others.length === 0 ? 'an empty object' : listNames(others)}`);
}

function readFormat(key: FormatKey, signature: ModelSignature, source: RowSource): Decoded {
  switch (key) {
    case 'dataframe_split':
      return { inputs: readDataframeSplit(signature, source), isDataFrame: true };
    case 'dataframe_records':
      return { inputs: readDataframeRecords(signature, source), isDataFrame: true };
    case 'inputs':
    case 'instances':
      return { inputs: readTensors(signature, source, key), isDataFrame: false };
  }
}

/**
 * How many rows the inputs have, all those with a free first axis the same: rows of several requests share a run. Throws ScoringError
 * where they differ, where there are none, and where a fixed first axis has another size.
 */
function countRows(inputs: readonly Tensor[], { inputs: specs }: ModelSignature): number {
  let rows: number | undefined;
  inputs.forEach(({ name, shape, data }, index) => {
    const [count = 1] = shape;
    const [fixed = 1] = specs[index]?.shape ?? [];
    if (data.length === 0) throw invalidParameter(`Input "${name}" holds no values; send at least one row`);
    if (data.length !== elementCount(shape)) {
      throw invalidParameter(`Input "${name}" takes ${elementCount(shape)} values, got ${data.length}`);
    }
    if (fixed >= 0 && fixed !== count) {
      throw invalidParameter(`Expected ${fixed} rows, got ${count}: the first axis of input "${name}" is fixed`);
    }
    if (fixed < 0 && rows !== undefined && rows !== count) {
      throw invalidParameter(`Expected as many rows in each input, got ${rows} and ${count} (input "${name}")`);
    }
    if (fixed < 0) rows = count;
  });
  return rows ?? inputs[0]?.shape[0] ?? 1;
}
