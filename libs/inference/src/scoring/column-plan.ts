import { describeSpec, type TensorSpec } from '../tensor';
import type { ModelSignature } from '../signature/signature';
import { badRequest, invalidParameter, listNames } from './scoring-failure';
import { InputsSink, MatrixSink, type RowSink, type RowSource } from './row-sink';

/** A label of a data frame's column: text, or the position that pandas gives to columns without names. */
export type Label = string | number;

/** Where the columns of a data frame go: `targets[k]` is the model's column for the `k`-th of the data, -1 for one it does not take. */
export interface ColumnPlan {
  readonly sink: RowSink;
  /** Undefined where the data does not say how many columns it has: the first row does. */
  readonly targets: readonly number[] | undefined;
}

/**
 * Plans how a data frame with these columns (undefined where it names none) feeds the model. Columns are found by name, whatever
 * their order, and what the model does not take is left out. A single input of rank 2 takes columns by position where it or the
 * data has no names: all of them, no more and no fewer. Throws ScoringError for missing columns, for one given twice, and for a
 * number of columns that does not fit.
 */
export function planColumns(
  signature: ModelSignature,
  labels: readonly Label[] | undefined,
  source: RowSource,
): ColumnPlan {
  const [only, second] = signature.inputs;
  if (only !== undefined && second === undefined && !isWholeInput(only, signature, labels)) {
    return planMatrix(only, signature.columns, labels, source);
  }
  const names = signature.inputs.map(({ name }) => name);
  const sink = new InputsSink(signature.inputs, source);
  if (second === undefined && (labels === undefined || labels.length === 1)) return { sink, targets: [0] };
  return { sink, targets: matchByName(names, labels ?? [], 'inputs') };
}

/** Whether the cells of a data frame are whole rows of the only input, not elements of its rows. */
function isWholeInput(only: TensorSpec, { columns }: ModelSignature, labels: readonly Label[] | undefined): boolean {
  if (only.shape.length !== 2) return true;
  return labels?.length === 1 && labels[0] === only.name && columns?.includes(only.name) !== true;
}

function planMatrix(
  spec: TensorSpec,
  columns: readonly string[] | undefined,
  labels: readonly Label[] | undefined,
  source: RowSource,
): ColumnPlan {
  if (columns !== undefined) {
    const targets =
      labels === undefined || isPositional(labels, columns)
        ? columns.map((_, position) => position)
        : matchByName(columns, labels, 'columns');
    return { sink: new MatrixSink(spec, source, columns.length, columns), targets };
  }
  const width = spec.shape[1] as number;
  if (labels === undefined) {
    const targets = width < 0 ? undefined : Array.from({ length: width }, (_, position) => position);
    return { sink: new MatrixSink(spec, source, width, undefined), targets };
  }
  checkWidth(spec, labels);
  const sink = new MatrixSink(spec, source, labels.length, labels.map(String));
  return { sink, targets: labels.map((_, position) => position) };
}

/** Throws ScoringError where a model without column names takes another number of columns. */
export function checkWidth(spec: TensorSpec, labels: readonly Label[]): void {
  const width = spec.shape[1] as number;
  if (width < 0 || width === labels.length) return;
  const index = labels[0] === '' ? '. The first has no name: is it the index of a data frame? Leave it out' : '';
  throw invalidParameter(
    `Expected ${width} columns for input "${spec.name}", ${describeSpec(spec)}, got ${labels.length}: ` +
      `${listNames(labels.map(String))}${index}`,
  );
}

/** Whether the labels are 0, 1, ... n-1, which pandas gives to columns that have no names, and not the model's own names. */
function isPositional(labels: readonly Label[], columns: readonly string[]): boolean {
  return (
    labels.length === columns.length &&
    labels.every((label, position) => String(label) === String(position)) &&
    !columns.includes('0')
  );
}

function matchByName(
  names: readonly string[],
  labels: readonly Label[],
  what: 'columns' | 'inputs',
): readonly number[] {
  const positions = new Map(names.map((name, position) => [name, position]));
  const given = new Set<number>();
  const targets = labels.map((label) => {
    const position = positions.get(String(label)) ?? -1;
    if (position >= 0 && given.has(position))
      throw badRequest(`The column ${listNames([String(label)])} is given twice. Send each column once`);
    given.add(position);
    return position;
  });
  const missing = names.filter((_, position) => !given.has(position));
  if (missing.length > 0)
    throw missingColumns(missing, names, labels.filter((_, index) => (targets[index] as number) < 0).map(String), what);
  return targets;
}

export function missingColumns(
  missing: readonly string[],
  names: readonly string[],
  extra: readonly string[],
  what: 'columns' | 'inputs',
): Error {
  const also = extra.length === 0 ? '' : `; the model does not take ${listNames(extra)}`;
  return invalidParameter(
    `Missing ${what}: ${listNames(missing)}${also}. Send every one of the model's ${what}: ${listNames(names)}`,
  );
}
