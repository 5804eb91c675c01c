import { ElementError } from '../json/element-reader';
import type { JsonCursor } from '../json/json-cursor';
import { NestedReader } from '../json/nested-reader';
import { describeSpec, type Tensor, type TensorSpec } from '../tensor';
import { CastingReader } from './casting-reader';

/** Fewest bytes that a value and its separator take, in JSON and in CSV. */
const LEAST_BYTES_PER_ELEMENT = 2;

/** What rows are read from: the whole body, and the cursor where it is JSON. */
export interface RowSource {
  readonly body: Uint8Array;
  readonly cursor: JsonCursor;
}

/**
 * Takes the cells of rows, column by column of the model. Cells may come in any order, but each column of a row must be set once:
 * read, cast or missing. A cell that does not fit is an ElementError, or a MismatchError where `where` is needed to tell its place.
 */
export interface RowSink {
  /** Whether {@link readCell} uses `where`; making it costs more than reading a number. */
  readonly needsPlace: boolean;
  beginRow(): void;
  readCell(column: number, where: string): void;
  castCell(column: number, text: string): void;
  missingCell(column: number): void;
  /** What a column feeds, for messages. */
  describe(column: number): string;
  finish(rows: number): readonly Tensor[];
}

export function castingReader(spec: Pick<TensorSpec, 'datatype'>, body: Uint8Array, readers: number): CastingReader {
  return new CastingReader(spec.datatype, Math.ceil(body.byteLength / LEAST_BYTES_PER_ELEMENT / readers));
}

/** The columns of a data frame side by side in one tensor of rank 2. A width of -1 is settled by the first row, read in order. */
export class MatrixSink implements RowSink {
  readonly needsPlace = false;
  private readonly elements: CastingReader;
  private start = 0;

  constructor(
    private readonly spec: TensorSpec,
    private readonly source: RowSource,
    private width: number,
    private readonly names: readonly string[] | undefined,
  ) {
    this.elements = castingReader(spec, source.body, 1);
  }

  beginRow(): void {
    if (this.width < 0 && this.elements.length > 0) this.width = this.elements.length;
    this.start = this.elements.length;
    if (this.width > 0) this.elements.extend(this.width);
  }

  readCell(column: number): void {
    this.elements.readAt(this.place(column), this.source.cursor);
  }

  castCell(column: number, text: string): void {
    this.elements.castAt(this.place(column), text);
  }

  missingCell(column: number): void {
    this.elements.setMissing(this.place(column));
  }

  describe(column: number): string {
    const name = this.names?.[column];
    const whose = name === undefined ? '' : `column ${JSON.stringify(name)} of `;
    return `${whose}input "${this.spec.name}", ${describeSpec(this.spec)}`;
  }

  finish(rows: number): readonly Tensor[] {
    const { name, datatype } = this.spec;
    const data = this.elements.finish();
    const width = this.width < 0 ? data.length : this.width;
    return [{ name, datatype, shape: [rows, width], data }];
  }

  private place(column: number): number {
    if (this.width < 0) this.elements.extend(1);
    return this.start + column;
  }
}

interface InputReader {
  readonly spec: TensorSpec;
  readonly elements: CastingReader;
  readonly nested: NestedReader;
}

/** Each column of a data frame an input of its own: a cell is one row of that input, a bare value where a row has one element. */
export class InputsSink implements RowSink {
  readonly needsPlace = true;
  private readonly readers: readonly InputReader[];
  private castsText = false;

  constructor(
    specs: readonly TensorSpec[],
    private readonly source: RowSource,
  ) {
    const { cursor, body } = source;
    this.readers = specs.map((spec) => {
      const elements = castingReader(spec, body, specs.length);
      return { spec, elements, nested: new NestedReader(spec, cursor, body.byteLength, elements) };
    });
  }

  beginRow(): void {
    // Each input grows by itself.
  }

  readCell(column: number, where: string): void {
    const { nested } = this.reader(column);
    if (this.source.cursor.peek() === 'array') nested.readRow(where);
    else nested.readScalarRow(where);
  }

  castCell(column: number, text: string): void {
    const { spec, elements } = this.reader(column);
    if (!spec.shape.slice(1).every((size) => size === 1 || size < 0)) {
      throw new ElementError('expected the arrays of a row, which a cell of text cannot hold');
    }
    this.castsText = true;
    elements.extend(1);
    elements.castAt(elements.length - 1, text);
  }

  missingCell(column: number): void {
    const { spec, elements } = this.reader(column);
    if (!spec.shape.slice(1).every((size) => size === 1)) {
      throw new ElementError('expected the arrays of a row, got a missing value');
    }
    elements.extend(1);
    elements.setMissing(elements.length - 1);
  }

  describe(column: number): string {
    const { spec } = this.reader(column);
    return `input "${spec.name}", ${describeSpec(spec)}`;
  }

  finish(rows: number): readonly Tensor[] {
    return this.readers.map(({ spec, nested }) => {
      const tensor = nested.finish(rows);
      return this.castsText ? { ...tensor, shape: spec.shape.map((_, axis) => (axis === 0 ? rows : 1)) } : tensor;
    });
  }

  private reader(column: number): InputReader {
    return this.readers[column] as InputReader;
  }
}
