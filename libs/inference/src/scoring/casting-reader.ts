import { allocate, type Datatype, type NumericArray } from '../datatype';
import { describeKind, ElementError, ElementReader, readPlainFloats } from '../json/element-reader';
import type { JsonCursor } from '../json/json-cursor';
import { type Cast, castFor, type Element } from './casts';

/** Elements of one datatype, cast as leniently as {@link castFor} says, one after another or each to its place. */
export class CastingReader extends ElementReader {
  private elements: NumericArray | string[];
  private readonly cast: Cast;

  constructor(
    private readonly datatype: Datatype,
    expectedLength: number,
  ) {
    super();
    this.elements = allocate(datatype, datatype === 'BYTES' ? 0 : expectedLength);
    this.cast = castFor(datatype);
  }

  override read(cursor: JsonCursor): void {
    this.extend(1);
    this.readAt(this.length - 1, cursor);
  }

  override readPlainArray(cursor: JsonCursor, count: number): boolean {
    if (!readPlainFloats(cursor, count, this.datatype, this.elements, this.length)) return false;
    this.length += count;
    return true;
  }

  /** Makes room for `count` more elements; each must then be set. */
  extend(count: number): void {
    this.length += count;
    if (this.length > this.elements.length) this.elements = grown(this.datatype, this.elements, this.length);
  }

  readAt(position: number, cursor: JsonCursor): void {
    this.set(position, this.readElement(cursor));
  }

  castAt(position: number, text: string): void {
    this.set(position, this.cast.fromText(text));
  }

  /** Throws ElementError where the datatype has no value that says "missing". */
  setMissing(position: number): void {
    this.set(position, this.cast.fromMissing());
  }

  override finish(): NumericArray | string[] {
    if (Array.isArray(this.elements)) {
      this.elements.length = this.length;
      return this.elements;
    }
    return this.elements.subarray(0, this.length);
  }

  private readElement(cursor: JsonCursor): Element {
    const kind = cursor.peek();
    switch (kind) {
      case 'number':
        return this.cast.fromNumber(cursor);
      case 'string':
        return this.cast.fromText(cursor.readString());
      case 'boolean':
        return this.cast.fromBoolean(cursor.readBoolean());
      case 'null':
        cursor.readNull();
        return this.cast.fromMissing();
      default:
        throw new ElementError(`expected a single value, got ${describeKind(kind)}`);
    }
  }

  private set(position: number, element: Element): void {
    (this.elements as Element[])[position] = element;
  }
}

function grown(datatype: Datatype, elements: NumericArray | string[], length: number): NumericArray | string[] {
  if (Array.isArray(elements)) return elements;
  const larger = allocate(datatype, Math.max(16, length, elements.length * 2)) as NumericArray;
  (larger as Float64Array).set(elements as Float64Array);
  return larger;
}
