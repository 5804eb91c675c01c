import { allocate, type NumericArray } from '../datatype';
import { describeKind } from '../json/element-reader';
import { NestedReader } from '../json/nested-reader';
import type { ModelSignature } from '../signature/signature';
import type { Tensor, TensorSpec } from '../tensor';
import { missingColumns } from './column-plan';
import { RecordReader } from './record-reader';
import { castingReader, type RowSource } from './row-sink';
import { badRequest, invalidParameter, listNames } from './scoring-failure';

/**
 * Reads the value of `inputs` or `instances`: nested arrays for the only input; an object with an array for each input, or for each
 * column of an input whose columns have names; or a list of objects, one for each row. Throws ScoringError, MismatchError or
 * JsonError.
 */
export function readTensors(
  signature: ModelSignature,
  source: RowSource,
  label: 'inputs' | 'instances',
): readonly Tensor[] {
  const { cursor } = source;
  const kind = cursor.peek();
  if (kind === 'object') return new ColumnarReader(signature, source, label).read();
  if (kind !== 'array') return [readOnlyInput(signature, source, label)];
  if (!cursor.enterArray()) throw invalidParameter(`"${label}" holds no rows; send at least one`);
  if (cursor.peek() !== 'object') return [readOnlyInput(signature, source, label, true)];
  const records = new RecordReader(signature, source, label, { isDataFrame: false });
  let rows = 0;
  do records.read(rows++);
  while (cursor.nextElement());
  return records.finish(rows);
}

function readOnlyInput(signature: ModelSignature, source: RowSource, label: string, entered = false): Tensor {
  const [only, second] = signature.inputs;
  if (only !== undefined && second === undefined) return readWhole(only, source, label, 1, entered);
  const names = signature.inputs.map(({ name }) => name);
  throw invalidParameter(
    `The model has ${names.length} inputs, so which one an array is for cannot be told. ` +
      `Send an object with an array for each: ${listNames(names)}`,
  );
}

/** Reads a whole tensor: an array of rows, already entered or not, or a bare value for one row of one element. */
function readWhole(spec: TensorSpec, source: RowSource, label: string, readers: number, entered = false): Tensor {
  const { cursor, body } = source;
  const reader = new NestedReader(spec, cursor, body.byteLength, castingReader(spec, body, readers));
  const isArray = entered || cursor.peek() === 'array';
  if (spec.shape.length === 0) {
    if (isArray) throw badRequest(`"${label}": expected a single value for input "${spec.name}", got an array`);
    reader.readRow(label);
    return reader.finish(1);
  }
  if (!isArray) {
    const kind = cursor.peek();
    if (kind === 'null' || kind === 'object') {
      throw badRequest(`"${label}": expected an array for input "${spec.name}", got ${describeKind(kind)}`);
    }
    reader.readScalarRow(label);
    return reader.finish(1);
  }
  let rows = 0;
  if (entered || cursor.enterArray()) {
    do {
      if (!reader.readPlainRow()) {
        if (cursor.peek() === 'array') reader.readRow(`${label}[${rows}]`);
        else reader.readScalarRow(`${label}[${rows}]`);
      }
      rows++;
    } while (cursor.nextElement());
  }
  return reader.finish(rows);
}

/** Reads an object whose members are whole inputs, or columns of the only input; others are left out. */
class ColumnarReader {
  private readonly wholes = new Map<string, Tensor>();
  private readonly columns = new Map<string, Tensor>();
  private readonly columnNames: ReadonlySet<string>;
  private readonly inputs: ReadonlyMap<string, TensorSpec>;
  private readonly extra: string[] = [];

  constructor(
    private readonly signature: ModelSignature,
    private readonly source: RowSource,
    private readonly label: string,
  ) {
    this.columnNames = new Set(signature.columns);
    this.inputs = new Map(signature.inputs.map((spec) => [spec.name, spec]));
  }

  read(): readonly Tensor[] {
    this.source.cursor.readObject((name) => {
      this.readMember(name);
    });
    const { inputs, columns } = this.signature;
    const missing = inputs.filter(({ name }) => !this.wholes.has(name)).map(({ name }) => name);
    if (missing.length === 0) return inputs.map(({ name }) => this.wholes.get(name) as Tensor);
    if (columns !== undefined) return [this.sideBySide(inputs[0] as TensorSpec, columns)];
    throw missingColumns(missing, [...this.inputs.keys()], this.extra, 'inputs');
  }

  private readMember(name: string): void {
    const { source, signature } = this;
    const where = `${this.label}.${name}`;
    if (this.columnNames.has(name)) {
      const spec = { ...(signature.inputs[0] as TensorSpec), name, shape: [-1] };
      this.columns.set(name, readWhole(spec, source, where, this.columnNames.size));
      return;
    }
    const spec = this.inputs.get(name);
    if (spec === undefined) {
      this.extra.push(name);
      source.cursor.skip();
    } else this.wholes.set(name, readWhole(spec, source, where, this.inputs.size));
  }

  /** The columns as one tensor of rank 2. */
  private sideBySide(spec: TensorSpec, names: readonly string[]): Tensor {
    const missing = names.filter((name) => !this.columns.has(name));
    if (missing.length > 0) throw missingColumns(missing, names, this.extra, 'columns');
    const columns = names.map((name) => this.columns.get(name) as Tensor);
    const lengths = columns.map(({ shape }) => shape[0] as number);
    const [rows = 0] = lengths;
    if (lengths.some((length) => length !== rows)) {
      throw badRequest(
        `Expected as many values in each column of "${this.label}", got ${lengths.slice(0, 20).join(', ')}`,
      );
    }
    const width = columns.length;
    const data = allocate(spec.datatype, rows * width) as NumericArray;
    columns.forEach(({ data: cells }, column) => {
      const typed = cells as NumericArray;
      for (let row = 0; row < rows; row++) data[row * width + column] = typed[row] as number;
    });
    return { name: spec.name, datatype: spec.datatype, shape: [rows, width], data };
  }
}
