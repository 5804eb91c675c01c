import { type Datatype, fromFloat16Bits, type TensorData } from '@understudy/inference';

/**
 * How much of its size a float may change when its row runs with others: a few last bits, because a matrix product adds in another
 * order. Everything else must not change at all.
 */
export const TOLERANCE: Readonly<Record<Datatype, number>> = {
  BOOL: 0,
  UINT8: 0,
  UINT16: 0,
  UINT32: 0,
  UINT64: 0,
  INT8: 0,
  INT16: 0,
  INT32: 0,
  INT64: 0,
  FP16: 1e-2,
  FP32: 1e-4,
  FP64: 1e-9,
  BYTES: 0,
};

/** Below this size a difference counts as it is, not as a share: the last bits of a sum that comes out near zero mean nothing. */
const SMALLEST_SIZE = 1e-2;

/** The largest difference between two lists of elements: relative for floats, 0 or infinity for everything else. */
export function differenceBetween(datatype: Datatype, expected: TensorData, got: TensorData): number {
  if (expected.length !== got.length) return Infinity;
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    const a = expected[at];
    const b = got[at];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (TOLERANCE[datatype] === 0) return Infinity;
    largest = Math.max(largest, relativeDifference(toNumber(datatype, a as number), toNumber(datatype, b as number)));
  }
  return largest;
}

function relativeDifference(a: number, b: number): number {
  const difference = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), SMALLEST_SIZE);
  return Number.isNaN(difference) ? Infinity : difference;
}

function toNumber(datatype: Datatype, element: number): number {
  return datatype === 'FP16' ? fromFloat16Bits(element) : element;
}
