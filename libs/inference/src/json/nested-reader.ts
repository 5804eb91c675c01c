import { DATATYPES } from '../datatype';
import { describeSpec, type Tensor, type TensorSpec } from '../tensor';
import { describeKind, ElementError, ElementReader } from './element-reader';
import type { JsonCursor } from './json-cursor';

/** JSON that does not fit the signature, with where and why. Caught inside this library. */
export class MismatchError extends Error {
  /** With an {@link ElementError} as `cause` where the place was right and the value was not. */
  constructor(
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'MismatchError';
  }
}

/** Fewest bytes that an element and its comma take in JSON; bounds the first guess at how many there are. */
const LEAST_BYTES_PER_ELEMENT = 2;

/**
 * Reads one tensor row by row from nested JSON arrays. The first row settles the sizes that the signature leaves open; every
 * later row must agree, so ragged rows are refused.
 */
export class NestedReader {
  /** Sizes of the axes below the rows; -1 until the first row tells. */
  private readonly sizes: number[];
  /** Index at each axis below the rows of the element being read, for messages. */
  private readonly path: number[];
  private readonly rank: number;

  constructor(
    private readonly spec: TensorSpec,
    private readonly cursor: JsonCursor,
    bytes: number,
    private readonly elements = ElementReader.for(spec.datatype, Math.ceil(bytes / LEAST_BYTES_PER_ELEMENT)),
  ) {
    this.sizes = spec.shape.slice(1);
    this.path = this.sizes.map(() => 0);
    this.rank = this.sizes.length;
  }

  /** Reads one row: nested arrays of the shape below the batch axis. */
  readRow(where: string): void {
    this.readAxis(0, where);
  }

  /** Reads one row where that can be done at once; false, and nothing is read, where {@link readRow} must. */
  readPlainRow(): boolean {
    const [size = -1] = this.sizes;
    return this.rank === 1 && size >= 0 && this.elements.readPlainArray(this.cursor, size);
  }

  /** Reads one row given as a bare scalar, which stands for the only element of a row. */
  readScalarRow(where: string): void {
    if (!this.sizes.every((size) => size === 1 || size < 0)) {
      this.readAxis(0, where);
      return;
    }
    this.sizes.fill(1);
    this.readElement(where, 0);
  }

  /** Reads the element of one column of a row that names its columns; {@link reorderLastRow} puts the row in order. */
  readColumn(where: string): void {
    this.readElement(where, 0);
  }

  /** Puts the last row in order: the element read `k`-th belongs at position `order[k]`. */
  reorderLastRow(order: readonly number[]): void {
    this.sizes[0] = order.length;
    if (order.some((position, read) => position !== read)) this.elements.reorderLast(order);
  }

  finish(rows: number): Tensor {
    const { name, datatype } = this.spec;
    const sizes = this.sizes.map((size) => Math.max(size, 0));
    return {
      name,
      datatype,
      shape: this.spec.shape.length === 0 ? [] : [rows, ...sizes],
      data: this.elements.finish(),
    };
  }

  private readAxis(axis: number, where: string): void {
    if (axis === this.rank) {
      this.readElement(where, axis);
      return;
    }
    const kind = this.cursor.peek();
    if (kind !== 'array')
      throw this.mismatch(where, axis, `expected ${this.describeAxis(axis)}, got ${describeKind(kind)}`);
    const expected = this.sizes[axis] as number;
    if (axis + 1 === this.rank && expected >= 0 && this.elements.readPlainArray(this.cursor, expected)) return;
    let count = 0;
    if (this.cursor.enterArray()) {
      do {
        if (count === expected) throw this.tooMany(where, axis, expected);
        this.path[axis] = count++;
        this.readAxis(axis + 1, where);
      } while (this.cursor.nextElement());
    }
    if (expected < 0) this.sizes[axis] = count;
    else if (count !== expected) throw this.mismatch(where, axis, `expected ${this.describeAxis(axis)}, got ${count}`);
  }

  private readElement(where: string, axis: number): void {
    try {
      this.elements.read(this.cursor);
    } catch (error) {
      if (error instanceof ElementError) throw this.mismatch(where, axis, error.detail, error);
      throw error;
    }
  }

  private tooMany(where: string, axis: number, expected: number): MismatchError {
    return this.mismatch(where, axis, `expected ${this.describeAxis(axis)}, got more than ${expected}`);
  }

  private describeAxis(axis: number): string {
    const size = this.sizes[axis] as number;
    const what = axis + 1 < this.rank ? 'arrays' : DATATYPES[this.spec.datatype].kind === 'text' ? 'strings' : 'values';
    return size < 0 ? `an array of ${what}` : `an array of ${size} ${size === 1 ? what.slice(0, -1) : what}`;
  }

  private mismatch(where: string, axis: number, problem: string, cause?: ElementError): MismatchError {
    const indices = this.path.slice(0, axis).map((index) => `[${index}]`);
    return new MismatchError(
      `${where}${indices.join('')}: ${problem} (input "${this.spec.name}" is ${describeSpec(this.spec)})`,
      { cause },
    );
  }
}
