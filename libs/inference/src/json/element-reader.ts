import { allocate, type Datatype, DATATYPES, type NumericArray } from '../datatype';
import { toFloat16Bits } from '../float16';
import type { JsonCursor } from './json-cursor';

/** A value is JSON, but not one that the tensor's datatype can hold. Caught inside this library. */
export class ElementError extends Error {
  constructor(readonly detail: string) {
    super(detail);
    this.name = 'ElementError';
  }
}

/** Smallest and largest value of each integer datatype. */
export const INTEGER_RANGES: Readonly<Partial<Record<Datatype, readonly [bigint, bigint]>>> = {
  UINT8: [0n, 255n],
  UINT16: [0n, 65_535n],
  UINT32: [0n, 4_294_967_295n],
  UINT64: [0n, 18_446_744_073_709_551_615n],
  INT8: [-128n, 127n],
  INT16: [-32_768n, 32_767n],
  INT32: [-2_147_483_648n, 2_147_483_647n],
  INT64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

/** From here on a number no longer rounds to a finite one: half a step above the largest. */
export const ROUNDS_TO_INFINITY: Readonly<Partial<Record<Datatype, number>>> = {
  FP16: 65_520,
  FP32: 3.4028235677973366e38,
  FP64: Infinity,
};

/**
 * Elements of one datatype, read from JSON one after another into growing memory. Nothing is rounded, wrapped or guessed:
 * an integer out of range, a fraction for an integer, a string for a number or null is an {@link ElementError}.
 */
export abstract class ElementReader {
  length = 0;

  abstract read(cursor: JsonCursor): void;

  /**
   * Reads a whole array of exactly `count` elements at once where they are floats plainly written, which most are. False, and nothing
   * is read, for anything else.
   */
  readPlainArray(_cursor: JsonCursor, _count: number): boolean {
    return false;
  }

  /** Exactly the elements read. */
  abstract finish(): NumericArray | string[];

  /** Rearranges the last `order.length` elements: the one read `k`-th goes to position `order[k]` of them. */
  reorderLast(order: readonly number[]): void {
    const elements = this.finish() as (number | bigint | string)[];
    const start = elements.length - order.length;
    const read = elements.slice(start);
    order.forEach((position, index) => {
      elements[start + position] = read[index] as number | bigint | string;
    });
  }

  static for(datatype: Datatype, expectedLength: number): ElementReader {
    switch (DATATYPES[datatype].kind) {
      case 'text':
        return new TextReader();
      case 'integer64':
        return new Integer64Reader(datatype, expectedLength);
      default:
        return new NumberReader(datatype, expectedLength);
    }
  }
}

class TextReader extends ElementReader {
  private readonly elements: string[] = [];

  override read(cursor: JsonCursor): void {
    expectKind(cursor, 'string');
    this.elements.push(wholeText(cursor.readString()));
    this.length++;
  }

  override finish(): string[] {
    return this.elements;
  }
}

class Integer64Reader extends ElementReader {
  private elements: BigInt64Array | BigUint64Array;

  constructor(
    private readonly datatype: Datatype,
    expectedLength: number,
  ) {
    super();
    this.elements = allocate(datatype, expectedLength) as BigInt64Array | BigUint64Array;
  }

  override read(cursor: JsonCursor): void {
    if (this.length === this.elements.length) this.elements = grow(this.datatype, this.elements) as BigInt64Array;
    this.elements[this.length++] = readInteger(cursor, this.datatype);
  }

  override finish(): NumericArray {
    return this.elements.subarray(0, this.length);
  }
}

class NumberReader extends ElementReader {
  private elements: NumericArray;
  private readonly convert: (cursor: JsonCursor) => number;

  constructor(
    private readonly datatype: Datatype,
    expectedLength: number,
  ) {
    super();
    this.elements = allocate(datatype, expectedLength) as NumericArray;
    this.convert = conversionFor(datatype);
  }

  override read(cursor: JsonCursor): void {
    if (this.length === this.elements.length) this.elements = grow(this.datatype, this.elements);
    this.elements[this.length++] = this.convert(cursor);
  }

  override readPlainArray(cursor: JsonCursor, count: number): boolean {
    if (!readPlainFloats(cursor, count, this.datatype, this.elements, this.length)) return false;
    this.length += count;
    return true;
  }

  override finish(): NumericArray {
    return this.elements.subarray(0, this.length);
  }
}

/** Reads an array of exactly `count` plain numbers into `elements` from `first` on, if they are floats and there is room. */
export function readPlainFloats(
  cursor: JsonCursor,
  count: number,
  datatype: Datatype,
  elements: NumericArray | readonly string[],
  first: number,
): boolean {
  if (!(elements instanceof Float32Array || elements instanceof Float64Array)) return false;
  if (first + count > elements.length) return false;
  return cursor.readPlainNumbers(count, ROUNDS_TO_INFINITY[datatype] as number, elements, first);
}

function conversionFor(datatype: Datatype): (cursor: JsonCursor) => number {
  if (datatype === 'BOOL') return readBoolean;
  if (datatype === 'FP16') return (cursor) => toFloat16Bits(readFloat(cursor, datatype));
  if (DATATYPES[datatype].kind === 'float') return (cursor) => readFloat(cursor, datatype);
  return (cursor) => Number(readInteger(cursor, datatype));
}

function readBoolean(cursor: JsonCursor): number {
  expectKind(cursor, 'boolean');
  return cursor.readBoolean() ? 1 : 0;
}

/** What JSON has no number for, in the texts in which it is given out too. */
const NON_FINITE: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

function readFloat(cursor: JsonCursor, datatype: Datatype): number {
  if (cursor.peek() === 'string') return readNonFinite(cursor);
  expectKind(cursor, 'number');
  const value = cursor.readNumber();
  const limit = ROUNDS_TO_INFINITY[datatype] as number;
  const outside = value >= limit || value <= -limit;
  if (outside && !cursor.numberWasWord) throw tooLarge(datatype, limit);
  return value;
}

function readNonFinite(cursor: JsonCursor): number {
  const value = NON_FINITE.get(cursor.readString());
  if (value === undefined) throw new ElementError('expected a number, got a string');
  return value;
}

/** A float beyond `limit`, where the datatype's numbers end. */
export const tooLarge = (datatype: Datatype, limit: number): ElementError =>
  new ElementError(`expected a number that ${datatype} can hold${limit === Infinity ? '' : `, below ${limit}`}`);

function readInteger(cursor: JsonCursor, datatype: Datatype): bigint {
  expectKind(cursor, 'number');
  const value = cursor.readInteger();
  if (value === undefined) throw new ElementError(`expected a whole number for ${datatype}`);
  const [from, to] = INTEGER_RANGES[datatype] as readonly [bigint, bigint];
  if (value < from || value > to) throw new ElementError(`expected a number from ${from} to ${to} for ${datatype}`);
  return value;
}

/** The text as it is. Throws ElementError where onnxruntime-node would change it: it ends a string at NUL and replaces half a pair. */
export function wholeText(text: string): string {
  if (text.includes('\0')) throw new ElementError('expected a string without the character U+0000');
  if (!text.isWellFormed()) throw new ElementError('expected a string of whole characters, got half a surrogate pair');
  return text;
}

function expectKind(cursor: JsonCursor, kind: 'string' | 'number' | 'boolean'): void {
  const came = cursor.peek();
  if (came !== kind) throw new ElementError(`expected a ${kind}, got ${describeKind(came)}`);
}

export function describeKind(kind: ReturnType<JsonCursor['peek']>): string {
  if (kind === 'null') return 'null';
  if (kind === 'end') return 'the end of the text';
  return kind === 'array' || kind === 'object' ? `an ${kind}` : `a ${kind}`;
}

function grow(datatype: Datatype, elements: NumericArray): NumericArray {
  const larger = allocate(datatype, Math.max(16, elements.length * 2)) as NumericArray;
  (larger as Float64Array).set(elements as Float64Array);
  return larger;
}
