import { DATATYPES, type Datatype } from '../datatype';
import { toFloat16Bits } from '../float16';
import { ElementError, INTEGER_RANGES, ROUNDS_TO_INFINITY, tooLarge, wholeText } from '../json/element-reader';
import type { JsonCursor } from '../json/json-cursor';

/** One element as its typed array (or the list of texts) holds it. */
export type Element = number | bigint | string;

/** How a datatype takes values that are not of its own kind. Each throws ElementError where something would be lost. */
export interface Cast {
  fromNumber(cursor: JsonCursor): Element;
  fromBoolean(value: boolean): Element;
  fromText(text: string): Element;
  fromMissing(): Element;
}

/**
 * As lenient as MLflow's `astype` where the value stays what it was: "3" and true for a number, 1 for a boolean, 17 for a text, null
 * for a float. Where MLflow changes it without a word this refuses: a fraction for an integer (MLflow: cut), an integer out of range
 * (wrapped), a number too large for the float (infinity), null for a boolean (false), any text for a boolean (true, "false" too),
 * null for a text ("nan"), a fraction for a text (its digits depend on the rest of the column).
 */
export function castFor(datatype: Datatype): Cast {
  return CASTS[datatype];
}

function makeCast(datatype: Datatype): Cast {
  switch (DATATYPES[datatype].kind) {
    case 'text':
      return TEXT;
    case 'boolean':
      return BOOLEAN;
    case 'float':
      return floatCast(datatype);
    case 'integer':
      return integerCast(datatype, Number);
    case 'integer64':
      return integerCast(datatype, (value) => value);
  }
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;
const NOT_FINITE = /^([+-]?)(nan|inf|infinity)$/i;

/** How pandas writes booleans to CSV, and how it reads them. */
const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);

/** Longest text that is tried as a number: more digits than any double needs, and bounded work. */
const MAX_NUMBER_LENGTH = 1000;

function floatCast(datatype: Datatype): Cast {
  const limit = ROUNDS_TO_INFINITY[datatype] as number;
  const store = datatype === 'FP16' ? toFloat16Bits : (value: number): number => value;
  const fit = (value: number): number => {
    if (value >= limit || value <= -limit) throw tooLarge(datatype, limit);
    return store(value);
  };
  return {
    fromNumber: (cursor) => {
      const value = cursor.readNumber();
      return cursor.numberWasWord ? store(value) : fit(value);
    },
    fromBoolean: (value) => store(value ? 1 : 0),
    fromText: (text) => {
      const trimmed = text.length <= MAX_NUMBER_LENGTH ? text.trim() : '';
      if (DECIMAL.test(trimmed)) return fit(Number(trimmed));
      const truth = BOOLEAN_WORDS.get(trimmed);
      if (truth !== undefined) return store(truth ? 1 : 0);
      const word = NOT_FINITE.exec(trimmed);
      if (word === null) throw new ElementError('expected a number, got a text that is none');
      const [, sign, what] = word as unknown as [string, string, string];
      if (what.toLowerCase() === 'nan') return store(NaN);
      return store(sign === '-' ? -Infinity : Infinity);
    },
    fromMissing: () => store(NaN),
  };
}

function integerCast(datatype: Datatype, store: (value: bigint) => Element): Cast {
  const [from, to] = INTEGER_RANGES[datatype] as readonly [bigint, bigint];
  const fit = (value: bigint | undefined): Element => {
    if (value === undefined) {
      throw new ElementError(
        `expected a whole number for ${datatype}. MLflow would cut the fraction; round it yourself`,
      );
    }
    if (value < from || value > to) throw new ElementError(`expected a number from ${from} to ${to} for ${datatype}`);
    return store(value);
  };
  return {
    fromNumber: (cursor) => fit(cursor.readInteger()),
    fromBoolean: (value) => store(value ? 1n : 0n),
    fromText: (text) => {
      const trimmed = text.length <= MAX_NUMBER_LENGTH ? text.trim() : '';
      if (INTEGER.test(trimmed)) return fit(BigInt(trimmed.replace(/^\+/, '')));
      if (DECIMAL.test(trimmed)) {
        const value = Number(trimmed);
        return fit(Number.isSafeInteger(value) ? BigInt(value) : undefined);
      }
      const truth = BOOLEAN_WORDS.get(trimmed);
      if (truth === undefined) {
        throw new ElementError(`expected a whole number for ${datatype}, got a text that is none`);
      }
      return store(truth ? 1n : 0n);
    },
    fromMissing: () => {
      throw new ElementError(
        `expected a whole number for ${datatype}, got a missing value, which only floats can hold`,
      );
    },
  };
}

const expectedBoolean = (came: string): ElementError =>
  new ElementError(`expected true or false (or 1 or 0), got ${came}`);

const BOOLEAN: Cast = {
  fromNumber: (cursor) => {
    const value = cursor.readNumber();
    if (value === 0 || value === 1) return value;
    throw expectedBoolean('another number');
  },
  fromBoolean: (value) => (value ? 1 : 0),
  fromText: (text) => {
    const trimmed = text.trim();
    if (trimmed === '0' || trimmed === '1') return Number(trimmed);
    const truth = BOOLEAN_WORDS.get(trimmed);
    if (truth === undefined) throw expectedBoolean('another text');
    return truth ? 1 : 0;
  },
  fromMissing: () => {
    throw expectedBoolean('a missing value');
  },
};

const TEXT: Cast = {
  fromNumber: (cursor) => {
    const value = cursor.readInteger();
    // Of more digits the cursor reads only the first.
    if (value === undefined || BigInt.asIntN(65, value) !== value) {
      throw new ElementError('expected a string, got a number that is not a whole one of 64 bits: send it as a string');
    }
    return String(value);
  },
  fromBoolean: () => {
    throw new ElementError('expected a string, got a boolean: send it as a string');
  },
  fromText: wholeText,
  fromMissing: () => {
    throw new ElementError('expected a string, got a missing value');
  },
};

const CASTS = Object.fromEntries(
  (Object.keys(DATATYPES) as Datatype[]).map((datatype) => [datatype, makeCast(datatype)]),
) as Readonly<Record<Datatype, Cast>>;
