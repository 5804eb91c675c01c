import { isUtf8 } from 'node:buffer';
import { NamesSeen } from './names-seen';
import { readPlainNumbers } from './plain-numbers';
import { shortText } from './short-text';

/** Deepest nesting of arrays and objects that is read; the same limit as the Open Inference Protocol's servers. */
export const MAX_JSON_DEPTH = 100;

/** The text is not the JSON that was expected. Caught inside this library and turned into an answer; never crosses it. */
export class JsonError extends Error {
  constructor(
    message: string,
    /** Byte offset in the text. */
    readonly position: number,
  ) {
    super(message);
    this.name = 'JsonError';
  }
}

export interface JsonOptions {
  /** Take the bare words NaN, Infinity and -Infinity as numbers, as Python writes them. */
  readonly nonFiniteNumbers?: boolean;
  /** Refuse an object that names a member twice. */
  readonly uniqueKeys?: boolean;
  /** An integer is digits and nothing else: neither 2.0 nor 1e3. */
  readonly integerTokens?: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Integers of this many digits are exact in a double whatever their digits are. */
const EXACT_DIGITS = 15;

/** No datatype holds an integer of more digits, and `BigInt` takes seconds to read ten million of them. */
const MOST_INTEGER_DIGITS = 40;

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'end';

/**
 * Reads JSON from bytes, one value at a time, in one pass: straight into typed arrays, without losing digits of 64-bit integers,
 * without building objects nobody needs, and refusing what `JSON.parse` lets pass (RFC 8259; keys that reach for a prototype,
 * nesting beyond {@link MAX_JSON_DEPTH}). `JSON.parse` rounds integers above 2^53 and cannot read NaN.
 */
export class JsonCursor {
  private readonly bytes: Buffer;
  private position = 0;
  private depth = 0;
  /** Whether the last number read was digits only. */
  private onlyDigits = false;
  private afterConstructor = false;

  constructor(
    bytes: Uint8Array,
    private readonly options: JsonOptions = {},
  ) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isUtf8(this.bytes)) throw new JsonError('the text is not UTF-8', 0);
  }

  /** Whether the number that was read last was one of the words NaN, Infinity and -Infinity; 1e400 only becomes the same. */
  get numberWasWord(): boolean {
    return (this.bytes[this.position - 1] ?? 0) > NINE;
  }

  /** What kind of value comes next. */
  peek(): JsonKind {
    const code = this.next();
    switch (code) {
      case OPEN_OBJECT:
        return 'object';
      case OPEN_ARRAY:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74: // t
      case 0x66: // f
        return 'boolean';
      case 0x6e: // n
        return 'null';
      case -1:
        return 'end';
      default:
        if (code === MINUS || (code >= ZERO && code <= NINE) || this.isNonFinite(code)) return 'number';
        throw this.error('expected a JSON value');
    }
  }

  /** Byte offset of the next value. */
  offset(): number {
    this.next();
    return this.position;
  }

  /** Goes back to a value that {@link skip} passed, and returns; `read` must read it, and nothing more. */
  readAgain(offset: number, read: () => void): void {
    const resumed = this.position;
    this.position = offset;
    read();
    this.position = resumed;
  }

  /** Calls `member` for each key; it must read the value. */
  readObject(member: (key: string) => void): void {
    const ofConstructor = this.afterConstructor;
    this.afterConstructor = false;
    const seen = this.options.uniqueKeys ? new NamesSeen() : undefined;
    this.enter(OPEN_OBJECT, 'an object');
    if (this.next() === CLOSE_OBJECT) {
      this.leave();
      return;
    }
    do {
      const at = this.offset();
      const key = this.readString();
      if (seen?.has(key)) throw this.error(`the member ${JSON.stringify(key)} appears twice`, at);
      seen?.add(key);
      this.expect(COLON, '":"');
      this.refusePrototypeKey(key, ofConstructor, at);
      member(key);
    } while (this.another(CLOSE_OBJECT, '"," or "}"'));
  }

  /** Calls `element` for each element; it must read the value. */
  readArray(element: (index: number) => void): void {
    if (!this.enterArray()) return;
    let index = 0;
    do element(index++);
    while (this.nextElement());
  }

  /** Steps into an array; false where it is empty and thereby read. Read an element, then ask {@link nextElement}. */
  enterArray(): boolean {
    this.enter(OPEN_ARRAY, 'an array');
    if (this.next() !== CLOSE_ARRAY) return true;
    this.leave();
    return false;
  }

  /** Whether another element follows; false steps out of the array. */
  nextElement(): boolean {
    return this.another(CLOSE_ARRAY, '"," or "]"');
  }

  /** Reads an array of exactly `count` numbers as {@link readPlainNumbers} does. False, and nothing is read, where it cannot. */
  readPlainNumbers(count: number, limit: number, target: Float32Array | Float64Array, first: number): boolean {
    if (this.depth >= MAX_JSON_DEPTH) return false;
    const end = readPlainNumbers(this.bytes, this.offset(), count, limit, target, first);
    if (end < 0) return false;
    this.position = end;
    return true;
  }

  readString(): string {
    if (this.next() !== QUOTE) throw this.error('expected a string');
    const start = this.position;
    const { bytes } = this;
    let at = start + 1;
    let plain = true;
    for (; ; at++) {
      const code = bytes[at];
      if (code === QUOTE) break;
      if (code === undefined) throw this.error('the text ends within a string', bytes.length);
      if (code < 0x20) throw this.error('a control character within a string must be escaped', at);
      if (code === BACKSLASH) {
        plain = false;
        at++;
      } else if (code > 0x7f) plain = false;
    }
    this.position = at + 1;
    if (plain) return shortText(bytes, start + 1, at);
    return this.decodeString(start, at + 1);
  }

  /** The nearest double. */
  readNumber(): number {
    const start = this.offset();
    const { bytes } = this;
    let at = start;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    let code = bytes[at] ?? -1;
    if (code < ZERO || code > NINE) return this.readNonFinite(start, negative);
    let mantissa = 0;
    let digits = 0;
    if (code === ZERO) code = bytes[++at] ?? -1;
    else
      for (; code >= ZERO && code <= NINE; code = bytes[++at] ?? -1) {
        mantissa = mantissa * 10 + (code - ZERO);
        digits++;
      }
    if (code >= ZERO && code <= NINE) throw this.error('a number must not start with 0', start);
    let exponent = 0;
    if (code === DOT) {
      const point = at;
      for (code = bytes[++at] ?? -1; code >= ZERO && code <= NINE; code = bytes[++at] ?? -1) {
        mantissa = mantissa * 10 + (code - ZERO);
        if (mantissa > 0) digits++;
      }
      exponent = point + 1 - at;
      if (exponent === 0) throw this.error('expected a digit after "."', at);
    }
    if (code === 0x65 || code === 0x45) {
      at = this.skipExponent(at);
      exponent = NaN;
    }
    this.position = at;
    this.onlyDigits = exponent === 0;
    // Exact by construction: the mantissa is an integer below 2^53 and the power of ten is exact, so one rounding remains.
    if (digits <= EXACT_DIGITS && exponent >= -22) {
      const value = exponent === 0 ? mantissa : mantissa / (EXACT_POWERS[-exponent] as number);
      return negative ? -value : value;
    }
    return Number(bytes.toString('latin1', start, at));
  }

  /**
   * The integer exactly, or undefined where the number has a fraction or an exponent that leaves one. Of an integer far beyond 64
   * bits the first digits: out of every range all the same.
   */
  readInteger(): bigint | undefined {
    const start = this.offset();
    const value = this.readNumber();
    if (this.options.integerTokens === true && !this.onlyDigits) return undefined;
    const digits = this.position - start;
    if (Number.isSafeInteger(value) && digits <= EXACT_DIGITS) return BigInt(value);
    if (this.onlyDigits) {
      return BigInt(this.bytes.toString('latin1', start, Math.min(this.position, start + MOST_INTEGER_DIGITS)));
    }
    return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  }

  readBoolean(): boolean {
    const truth = this.next() === 0x74;
    this.readWord(truth ? 'true' : 'false');
    return truth;
  }

  readNull(): null {
    this.readWord('null');
    return null;
  }

  /** Reads past one value, checking it. */
  skip(): void {
    switch (this.peek()) {
      case 'object':
        this.readObject(() => {
          this.skip();
        });
        return;
      case 'array':
        this.readArray(() => {
          this.skip();
        });
        return;
      case 'string':
        this.readString();
        return;
      case 'number':
        this.readNumber();
        return;
      case 'boolean':
        this.readBoolean();
        return;
      case 'null':
        this.readNull();
        return;
      case 'end':
        throw this.error('the text ends where a value is due');
    }
  }

  /** Any value, as plain objects and arrays. */
  readValue(): unknown {
    switch (this.peek()) {
      case 'object': {
        const object: Record<string, unknown> = {};
        this.readObject((key) => {
          object[key] = this.readValue();
        });
        return object;
      }
      case 'array': {
        const array: unknown[] = [];
        this.readArray(() => {
          array.push(this.readValue());
        });
        return array;
      }
      case 'string':
        return this.readString();
      case 'number':
        return this.readNumber();
      case 'boolean':
        return this.readBoolean();
      case 'null':
        return this.readNull();
      case 'end':
        throw this.error('the text ends where a value is due');
    }
  }

  /** Call after the outermost value: nothing but white space may follow. */
  readEnd(): void {
    if (this.next() !== -1) throw this.error('expected nothing after the value');
  }

  error(message: string, position: number = this.offset()): JsonError {
    return new JsonError(message, position);
  }

  /** The next byte that is not white space, not taken; -1 at the end. */
  private next(): number {
    for (;;) {
      const code = this.bytes[this.position];
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) this.position++;
      else return code ?? -1;
    }
  }

  private expect(code: number, what: string): void {
    if (this.next() !== code) throw this.error(`expected ${what}`);
    this.position++;
  }

  private enter(code: number, what: string): void {
    this.expect(code, what);
    if (++this.depth > MAX_JSON_DEPTH) {
      throw this.error(`arrays and objects are nested deeper than the limit of ${MAX_JSON_DEPTH} levels`);
    }
  }

  private leave(): void {
    this.position++;
    this.depth--;
  }

  private another(close: number, expected: string): boolean {
    const code = this.next();
    if (code === COMMA) {
      this.position++;
      return true;
    }
    if (code !== close) throw this.error(`expected ${expected}`);
    this.leave();
    return false;
  }

  /** Nothing here is ever merged into an object with a prototype; a client that tries is told so all the same. */
  private refusePrototypeKey(key: string, ofConstructor: boolean, at: number): void {
    if (key === '__proto__') throw this.error('a member must not be called "__proto__"', at);
    if (ofConstructor && key === 'prototype') throw this.error('"constructor" must not hold "prototype"', at);
    this.afterConstructor = key === 'constructor' && this.next() === OPEN_OBJECT;
  }

  private decodeString(start: number, end: number): string {
    const literal = this.bytes.toString('utf8', start, end);
    try {
      return JSON.parse(literal) as string;
    } catch {
      throw this.error('a string holds an escape that JSON does not know', start);
    }
  }

  private skipExponent(at: number): number {
    let end = at + 1;
    if (this.bytes[end] === PLUS || this.bytes[end] === MINUS) end++;
    const firstDigit = end;
    for (let code = this.bytes[end] ?? -1; code >= ZERO && code <= NINE; code = this.bytes[end] ?? -1) end++;
    if (end === firstDigit) throw this.error('expected a digit in the exponent', end);
    return end;
  }

  private isNonFinite(code: number): boolean {
    return this.options.nonFiniteNumbers === true && (code === 0x4e || code === 0x49); // N, I
  }

  private readNonFinite(start: number, negative: boolean): number {
    const code = this.bytes[start + (negative ? 1 : 0)] ?? -1;
    if (!this.isNonFinite(code) || (negative && code === 0x4e)) throw this.error('expected a number', start);
    this.position = start + (negative ? 1 : 0);
    this.onlyDigits = false;
    this.readWord(code === 0x4e ? 'NaN' : 'Infinity');
    if (code === 0x4e) return NaN;
    return negative ? -Infinity : Infinity;
  }

  private readWord(word: string): void {
    const end = this.position + word.length;
    if (this.bytes.toString('latin1', this.position, end) !== word) throw this.error(`expected ${word}`);
    this.position = end;
  }
}
