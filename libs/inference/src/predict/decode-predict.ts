import { describeKind } from '../json/element-reader';
import { JsonCursor, JsonError } from '../json/json-cursor';
import { MismatchError, NestedReader } from '../json/nested-reader';
import { describeJsonError } from '../json/read-json';
import type { ModelSignature } from '../signature/signature';
import type { Tensor } from '../tensor';

export type DecodeResult =
  | { readonly ok: true; readonly inputs: readonly Tensor[]; readonly rows: number }
  | {
      readonly ok: false;
      readonly code: 'invalid-json' | 'invalid-body' | 'tensor-mismatch';
      readonly problem: string;
    };

const EXAMPLE = '{"data": [[5.1, 3.5, 1.4, 0.2]]}';

/**
 * Decodes the body of `POST /predict`: `{"data": [row, ...]}`, a row being an array (of the shape below the batch axis; for a
 * model with several inputs one element for each input in the signature's order) or an object that names the columns or inputs.
 * Other members of the body are ignored, as the service this one matches does; of a member given twice the last one counts.
 */
export function decodePredict(body: Uint8Array, signature: ModelSignature): DecodeResult {
  try {
    return readBody(body, signature);
  } catch (error) {
    if (error instanceof JsonError) return { ok: false, code: 'invalid-json', problem: describeJsonError(error) };
    if (error instanceof MismatchError) return { ok: false, code: 'tensor-mismatch', problem: error.detail };
    throw error;
  }
}

function readBody(body: Uint8Array, signature: ModelSignature): DecodeResult {
  const cursor = new JsonCursor(body);
  const kind = cursor.peek();
  if (kind !== 'object') return invalidBody(`Expected an object like ${EXAMPLE}, got ${describeKind(kind)}`);
  let rows: RowsReader | undefined;
  let dataKind: ReturnType<JsonCursor['peek']> = 'end';
  cursor.readObject((key) => {
    if (key !== 'data') {
      cursor.skip();
      return;
    }
    dataKind = cursor.peek();
    rows = undefined;
    if (dataKind === 'array') {
      rows = new RowsReader(cursor, signature, body.byteLength);
      rows.read();
    } else cursor.skip();
  });
  cursor.readEnd();
  if (rows !== undefined) return rows.finish();
  const problem = (dataKind as string) === 'end' ? 'but "data" is missing' : `but "data" is ${describeKind(dataKind)}`;
  return invalidBody(`Expected an object like ${EXAMPLE}, ${problem}`);
}

const invalidBody = (problem: string): DecodeResult => ({ ok: false, code: 'invalid-body', problem });

/** Reads the rows of `data` into one tensor for each input. */
class RowsReader {
  private readonly readers: readonly NestedReader[];
  private rows = 0;
  private named: NamedRowReader | undefined;

  constructor(
    private readonly cursor: JsonCursor,
    private readonly signature: ModelSignature,
    bytes: number,
  ) {
    this.readers = signature.inputs.map((spec) => new NestedReader(spec, cursor, bytes));
  }

  read(): void {
    if (!this.cursor.enterArray()) return;
    const [first, second] = this.readers;
    const only = second === undefined ? first : undefined;
    do {
      if (only?.readPlainRow() !== true) this.readRow(`data[${this.rows}]`);
      this.rows++;
    } while (this.cursor.nextElement());
  }

  finish(): DecodeResult {
    if (this.rows === 0) throw new MismatchError('"data" holds no rows; send at least one');
    for (const { name, shape } of this.signature.inputs) {
      const [fixed = this.rows] = shape;
      if (fixed >= 0 && fixed !== this.rows) {
        throw new MismatchError(`expected ${fixed} rows, got ${this.rows}: the batch axis of input "${name}" is fixed`);
      }
    }
    return { ok: true, inputs: this.readers.map((reader) => reader.finish(this.rows)), rows: this.rows };
  }

  private readRow(where: string): void {
    const kind = this.cursor.peek();
    if (kind === 'object') {
      this.named ??= new NamedRowReader(this.cursor, this.readers, this.signature);
      this.named.readRow(where);
      return;
    }
    const [only, second] = this.readers;
    if (second === undefined) only?.readRow(where);
    else this.readRowOfSeveralInputs(kind, where);
  }

  private readRowOfSeveralInputs(kind: ReturnType<JsonCursor['peek']>, where: string): void {
    const names = this.signature.inputs.map(({ name }) => name).join(', ');
    if (kind !== 'array') {
      throw new MismatchError(`${where}: expected an array or an object with ${names}, got ${describeKind(kind)}`);
    }
    let count = 0;
    this.cursor.readArray((index) => {
      const reader = this.readers[index];
      if (reader === undefined) {
        throw new MismatchError(
          `${where}: expected one element for each of the inputs ${names}, got more than ${index}`,
        );
      }
      readInput(this.cursor, reader, `${where}[${index}]`);
      count++;
    });
    if (count !== this.readers.length) {
      throw new MismatchError(`${where}: expected one element for each of the inputs ${names}, got ${count}`);
    }
  }
}

/** Reads rows that are objects: by column name for one input with named columns, else by input name. */
class NamedRowReader {
  private readonly names: readonly string[];
  private readonly positions: ReadonlyMap<string, number>;

  constructor(
    private readonly cursor: JsonCursor,
    private readonly readers: readonly NestedReader[],
    private readonly signature: ModelSignature,
  ) {
    this.names = signature.columns ?? signature.inputs.map(({ name }) => name);
    this.positions = new Map(this.names.map((name, index) => [name, index]));
  }

  readRow(where: string): void {
    const order: number[] = [];
    this.cursor.readObject((name) => {
      const position = this.positions.get(name);
      if (position === undefined) throw this.mismatch(where, `unknown ${JSON.stringify(name)}`);
      if (order.includes(position)) throw this.mismatch(where, `"${name}" is given twice`);
      order.push(position);
      this.readMember(position, `${where}.${name}`);
    });
    const missing = this.names.find((_, position) => !order.includes(position));
    if (missing !== undefined) throw this.mismatch(where, `"${missing}" is missing`);
    if (this.signature.columns !== undefined) this.readers[0]?.reorderLastRow(order);
  }

  private readMember(position: number, where: string): void {
    if (this.signature.columns !== undefined) this.readers[0]?.readColumn(where);
    else readInput(this.cursor, this.readers[position] as NestedReader, where);
  }

  private mismatch(where: string, problem: string): MismatchError {
    const what = this.signature.columns === undefined ? 'inputs' : 'columns';
    return new MismatchError(`${where}: ${problem}; the ${what} are ${this.names.join(', ')}`);
  }
}

function readInput(cursor: JsonCursor, reader: NestedReader, where: string): void {
  if (cursor.peek() === 'array') reader.readRow(where);
  else reader.readScalarRow(where);
}
