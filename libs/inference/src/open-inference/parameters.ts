import { describeKind } from '../json/element-reader';
import type { JsonCursor } from '../json/json-cursor';
import { expectKind, readNullFor, refuseEnd } from './expect-kind';
import { invalidBody, quoted, type Where } from './refusal';

/** The value of a parameter. A number that is not an integer is NaN: no parameter that means something here takes one. */
export type ParameterValue = string | boolean | bigint | number;

const RESERVED_PREFIX = 'triton_';
const SHARED_MEMORY_PREFIX = 'shared_memory_';
const LARGEST_UNSIGNED = 18_446_744_073_709_551_615n;

/**
 * Reads the `parameters` of a request, an input or an output (null stands for none) and hands each to `take`, which may ignore it:
 * a client may send parameters of its own. Throws RefusalError for a value that is not a text, number or boolean and for the names
 * of what this server does not offer.
 */
export function readParameters(
  cursor: JsonCursor,
  where: Where,
  take: (name: string, value: ParameterValue) => void,
): void {
  if (readNullFor(cursor)) return;
  expectKind(cursor, 'object', () => `${where()}: expected "parameters" to be an object`);
  cursor.readObject((name) => {
    refuseName(where, name);
    take(name, readParameterValue(cursor, where, name));
  });
}

function refuseName(where: Where, name: string): void {
  if (name.startsWith(RESERVED_PREFIX)) {
    throw invalidBody(`${where()}: parameter ${quoted(name)} is reserved for Triton usage; leave it out`);
  }
  if (name.startsWith(SHARED_MEMORY_PREFIX)) {
    throw invalidBody(
      `${where()}: parameter ${quoted(name)} asks for shared memory, which this server does not offer; send the tensor as "data" or as binary data`,
    );
  }
}

function readParameterValue(cursor: JsonCursor, where: Where, name: string): ParameterValue {
  const kind = cursor.peek();
  switch (kind) {
    case 'string':
      return cursor.readString();
    case 'boolean':
      return cursor.readBoolean();
    case 'number':
      return cursor.readInteger() ?? NaN;
    default:
      refuseEnd(cursor, kind);
      throw invalidBody(
        `${where()}: expected parameter ${quoted(name)} to be a string, a number or a boolean, got ${describeKind(kind)}`,
      );
  }
}

export function expectBoolean(where: Where, name: string, value: ParameterValue): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidBody(`${where()}: expected parameter '${name}' to be true or false, got ${describeValue(value)}`);
}

/** An unsigned 64-bit integer; above 2^53 the nearest double. */
export function expectUnsigned(where: Where, name: string, value: ParameterValue): number {
  if (typeof value === 'bigint' && value >= 0n && value <= LARGEST_UNSIGNED) return Number(value);
  throw invalidBody(
    `${where()}: expected parameter '${name}' to be an integer from 0 to 2^64-1, got ${describeValue(value)}`,
  );
}

function describeValue(value: ParameterValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return 'a number with a fraction or an exponent';
  return typeof value === 'string' ? 'a string' : String(value);
}
