import { DATATYPES, type Datatype } from '../datatype';
import type { JsonCursor } from '../json/json-cursor';
import { expectKind } from './expect-kind';
import { mismatch, type Where } from './refusal';

/** More axes than any array library has. */
const MOST_AXES = 64;
const LARGEST_AXIS = 2_147_483_647;

/** 2^63, the first number that a signed 64-bit integer does not hold. */
const INT64_OVERFLOW = 2 ** 63;

/** Reads a `shape` member: unsigned integers. Throws RefusalError. Sizes above 2^53 come as the nearest double. */
export function readShape(cursor: JsonCursor, where: Where): number[] {
  expectKind(cursor, 'array', () => `${where()}: expected "shape" to be an array of unsigned integers`);
  const shape: number[] = [];
  cursor.readArray((axis) => {
    if (axis === MOST_AXES) throw mismatch(`${where()}: its shape has more than ${MOST_AXES} axes`);
    shape.push(readSize(cursor, where, axis));
  });
  return shape;
}

function readSize(cursor: JsonCursor, where: Where, axis: number): number {
  const what = (): string => `${where()}: the size of axis ${axis}`;
  expectKind(cursor, 'number', () => `${what()} must be an unsigned integer`, mismatch);
  const size = cursor.readInteger();
  if (size === undefined) throw mismatch(`${what()} must be an unsigned integer, got another number`);
  if (size >= 0n) return Number(size);
  throw mismatch(`${what()} is ${size}, it must be 0 or more: -1 means any size in what a model says of itself only`);
}

/**
 * How many elements a tensor of this shape has; 1 for rank 0. Throws RefusalError where the elements or their bytes do not fit
 * 63 bits, and where an axis is longer than 2^31-1, which only a tensor without elements could be.
 */
export function countElements(where: Where, datatype: Datatype, shape: readonly number[]): number {
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (count >= INT64_OVERFLOW) throw mismatch(`${where()}: the element count of its shape is above 2^63-1`);
  const bytes = count * (DATATYPES[datatype].array?.BYTES_PER_ELEMENT ?? 1);
  if (bytes >= INT64_OVERFLOW) throw mismatch(`${where()}: byte size overflow: its shape takes more than 2^63-1 bytes`);
  const long = shape.findIndex((size) => size > LARGEST_AXIS);
  if (long >= 0) throw mismatch(`${where()}: axis ${long} is longer than ${LARGEST_AXIS}, the longest that is taken`);
  return count;
}
