import { describeKind } from '../json/element-reader';
import type { ModelSignature } from '../signature/signature';
import type { Tensor } from '../tensor';
import { type Label, planColumns } from './column-plan';
import { RecordReader } from './record-reader';
import { RowReader } from './row-reader';
import type { RowSource } from './row-sink';
import { badRequest, invalidParameter, listNames } from './scoring-failure';

/**
 * Reads `dataframe_split`: `{"columns": [...], "index": [...], "data": [[cell, ...], ...]}`, of which `data` must be there. Throws
 * ScoringError, MismatchError or JsonError. Straight into the tensors in one pass where `columns` comes before `data`, as pandas
 * writes it; otherwise the data is passed over first and read then.
 */
export function readDataframeSplit(signature: ModelSignature, source: RowSource): readonly Tensor[] {
  const { cursor } = source;
  const kind = cursor.peek();
  if (kind !== 'object') {
    throw badRequest(`Expected "dataframe_split" to be an object with "columns" and "data", got ${describeKind(kind)}`);
  }
  let labels: readonly Label[] | undefined;
  let dataAt: number | undefined;
  let read: SplitData | undefined;
  let indexLength: number | undefined;
  cursor.readObject((key) => {
    switch (key) {
      case 'columns':
        labels = readLabels(source);
        read = undefined;
        return;
      case 'index':
        indexLength = readIndex(source);
        return;
      case 'data':
        dataAt = cursor.offset();
        if (labels === undefined) cursor.skip();
        else read = readSplitData(signature, labels, source);
        return;
      default:
        throw badRequest(
          `Expected "dataframe_split" to hold "columns", "index" and "data" only, got ${listNames([key])}`,
        );
    }
  });
  if (dataAt === undefined) throw badRequest('Expected "dataframe_split" to hold "data", the rows as arrays');
  if (read === undefined) {
    cursor.readAgain(dataAt, () => {
      read = readSplitData(signature, labels, source);
    });
  }
  const { tensors, rows } = read as unknown as SplitData;
  if (indexLength !== undefined && indexLength !== rows) {
    throw badRequest(
      `Expected "index" to be as long as "data", ${rows}, got ${indexLength}. Leave "index" out; it is not used`,
    );
  }
  return tensors;
}

interface SplitData {
  readonly tensors: readonly Tensor[];
  readonly rows: number;
}

function readSplitData(signature: ModelSignature, labels: readonly Label[] | undefined, source: RowSource): SplitData {
  const label = 'dataframe_split.data';
  const { cursor } = source;
  const kind = cursor.peek();
  if (kind !== 'array') throw badRequest(`Expected "${label}" to be an array of rows, got ${describeKind(kind)}`);
  const plan = planColumns(signature, labels, source);
  const reader = new RowReader(cursor, plan, label);
  const rows = readRows(source, label, (row) => {
    reader.read(row);
  });
  return { tensors: plan.sink.finish(rows), rows };
}

/**
 * Reads `dataframe_records`: objects that name their columns, or arrays of cells in the model's order. A record may lack a column
 * that another has: its value is missing. Throws ScoringError, MismatchError or JsonError.
 */
export function readDataframeRecords(signature: ModelSignature, source: RowSource): readonly Tensor[] {
  const label = 'dataframe_records';
  const { cursor } = source;
  const kind = cursor.peek();
  if (kind !== 'array') throw badRequest(`Expected "${label}" to be an array of objects, got ${describeKind(kind)}`);
  const records = new RecordReader(signature, source, label, { isDataFrame: true });
  let plan: ReturnType<typeof planColumns> | undefined;
  let arrays: RowReader | undefined;
  const rows = readRows(source, label, (row) => {
    if (row === 0 && cursor.peek() !== 'object') {
      plan = planColumns(signature, undefined, source);
      arrays = new RowReader(cursor, plan, label);
    }
    if (arrays === undefined) records.read(row);
    else arrays.read(row);
  });
  return plan === undefined ? records.finish(rows) : plan.sink.finish(rows);
}

/** Reads each row of an array; returns how many there are, at least one. */
function readRows({ cursor }: RowSource, label: string, readRow: (row: number) => void): number {
  let rows = 0;
  if (cursor.enterArray()) {
    do readRow(rows++);
    while (cursor.nextElement());
  }
  if (rows === 0) throw invalidParameter(`"${label}" holds no rows; send at least one`);
  return rows;
}

/** The labels of the columns; undefined for null, as if they were not there. */
function readLabels({ cursor }: RowSource): readonly Label[] | undefined {
  const kind = cursor.peek();
  if (kind === 'null') {
    cursor.readNull();
    return undefined;
  }
  if (kind !== 'array') throw badRequest(`Expected "columns" to be an array of names, got ${describeKind(kind)}`);
  const labels: Label[] = [];
  cursor.readArray((index) => {
    const came = cursor.peek();
    const label = came === 'string' ? cursor.readString() : came === 'number' ? cursor.readNumber() : undefined;
    if (label === undefined) throw badRequest(`Expected columns[${index}] to be a name, got ${describeKind(came)}`);
    labels.push(label);
  });
  return labels;
}

/** How long the index is; undefined for null. What it says is not used. */
function readIndex({ cursor }: RowSource): number | undefined {
  const kind = cursor.peek();
  if (kind === 'null') {
    cursor.readNull();
    return undefined;
  }
  if (kind !== 'array') throw badRequest(`Expected "index" to be an array, got ${describeKind(kind)}`);
  let length = 0;
  cursor.readArray(() => {
    cursor.skip();
    length++;
  });
  return length;
}
