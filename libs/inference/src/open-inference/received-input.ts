import { type Datatype, DATATYPES, isDatatype, type TensorData } from '../datatype';
import type { JsonCursor } from '../json/json-cursor';
import { hasJsonForm } from './element-text';
import { expectKind, readNullFor } from './expect-kind';
import { readFlatElements } from './flat-elements';
import { expectUnsigned, readParameters } from './parameters';
import { invalidBody, mismatch, quoted, type Where } from './refusal';
import { readName } from './requested-outputs';
import { countElements, readShape } from './tensor-shape';

/** One input as the JSON describes it, before anything of the model is looked at. */
export interface ReceivedInput {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** How many elements the shape has. */
  readonly count: number;
  /** The elements, or how many bytes after the JSON hold them. */
  readonly content: { readonly elements: TensorData } | { readonly binaryBytes: number };
}

/**
 * Reads one entry of `inputs`. Its members may come in any order; only where `data` comes before `datatype` or `shape` are its
 * bytes walked twice. `jsonBytes` is the length of the whole text. Throws RefusalError or JsonError.
 */
export function readInput(cursor: JsonCursor, position: number, jsonBytes: number): ReceivedInput {
  return new InputReader(cursor, position, jsonBytes).read();
}

/** Reads an entry of `inputs` for its name only; undefined where it has none. */
export function readInputName(cursor: JsonCursor, position: number): string | undefined {
  const where = (): string => `inputs[${position}]`;
  expectObject(cursor, where);
  let name: string | undefined;
  cursor.readObject((key) => {
    if (key === 'name') name = readName(cursor, where);
    else cursor.skip();
  });
  return name;
}

class InputReader {
  private name: string | undefined;
  private datatype: Datatype | undefined;
  private shape: number[] | undefined;
  private binaryBytes: number | undefined;
  private dataOffset: number | undefined;
  private elements: TensorData | undefined;
  private readonly where = (): string =>
    this.name === undefined ? `inputs[${this.position}]` : `input ${quoted(this.name)}`;

  constructor(
    private readonly cursor: JsonCursor,
    private readonly position: number,
    private readonly jsonBytes: number,
  ) {}

  read(): ReceivedInput {
    expectObject(this.cursor, this.where);
    this.cursor.readObject((key) => {
      this.readMember(key);
    });
    const { where, name, datatype, shape } = this;
    if (name === undefined) throw invalidBody(`${where()}: "name" is missing`);
    if (datatype === undefined) throw invalidBody(`${where()}: "datatype" is missing`);
    if (shape === undefined) throw invalidBody(`${where()}: "shape" is missing`);
    const count = countElements(where, datatype, shape);
    return { name, datatype, shape, count, content: this.readContent(datatype, count) };
  }

  private readMember(key: string): void {
    switch (key) {
      case 'name':
        this.name = readName(this.cursor, this.where);
        return;
      case 'datatype':
        this.datatype = readDatatype(this.cursor, this.where);
        return;
      case 'shape':
        this.shape = readShape(this.cursor, this.where);
        return;
      case 'parameters':
        readParameters(this.cursor, this.where, (name, value) => {
          if (name === 'binary_data_size') this.binaryBytes = expectUnsigned(this.where, name, value);
        });
        return;
      case 'data':
        this.readData();
        return;
      default:
        this.cursor.skip();
    }
  }

  /** Null stands for no data: a client of KServe sends it beside an empty binary tensor. */
  private readData(): void {
    const { cursor, datatype, shape } = this;
    if (readNullFor(cursor)) return;
    expectKind(cursor, 'array', () => `${this.where()}: expected "data" to be an array`);
    this.dataOffset = cursor.offset();
    if (datatype === undefined || shape === undefined) cursor.skip();
    else this.readElements(datatype, countElements(this.where, datatype, shape));
  }

  private readContent(datatype: Datatype, count: number): ReceivedInput['content'] {
    const { binaryBytes, dataOffset, where } = this;
    if (binaryBytes !== undefined && dataOffset !== undefined) {
      throw invalidBody(
        `${where()}: expected exactly one of "data" and parameter 'binary_data_size', got both; leave one out`,
      );
    }
    if (binaryBytes !== undefined) return { binaryBytes };
    if (dataOffset === undefined) {
      throw invalidBody(
        `${where()}: expected exactly one of "data" and parameter 'binary_data_size', but no field is set; send one`,
      );
    }
    if (this.elements === undefined) {
      this.cursor.readAgain(dataOffset, () => {
        this.readElements(datatype, count);
      });
    }
    return { elements: this.elements as TensorData };
  }

  private readElements(datatype: Datatype, count: number): void {
    if (!hasJsonForm(datatype)) {
      throw mismatch(
        `${this.where()} is ${datatype}, which has no form in JSON; send it as binary data with parameter 'binary_data_size'`,
      );
    }
    const bytesLeft = this.jsonBytes - this.cursor.offset();
    this.elements = readFlatElements(this.cursor, this.where, datatype, count, bytesLeft);
  }
}

function expectObject(cursor: JsonCursor, where: Where): void {
  expectKind(cursor, 'object', () => `${where()}: expected an object with "name", "shape", "datatype" and "data"`);
}

function readDatatype(cursor: JsonCursor, where: Where): Datatype {
  expectKind(cursor, 'string', () => `${where()}: expected "datatype" to be a string`);
  const text = cursor.readString();
  if (isDatatype(text)) return text;
  throw mismatch(
    `${where()}: datatype ${quoted(text)} is not one of those that are served: ${Object.keys(DATATYPES).join(', ')}`,
  );
}
