const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const SPACE = 0x20;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Integers of this many digits are exact in a double, whatever their digits are. */
const EXACT_DIGITS = 15;
const EXACT_POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Reads `[1, -2.5, ...]` with exactly `count` numbers from `bytes` at `start` into `target`, and gives back where it ends; -1 for
 * whatever is not that: other values, exponents, other white space, numbers that are not below `limit`. Then the caller reads it
 * again the long way, which knows all of JSON and what to say of it. A number takes a third of the time that it takes there.
 */
export function readPlainNumbers(
  bytes: Uint8Array,
  start: number,
  count: number,
  limit: number,
  target: Float32Array | Float64Array,
  first: number,
): number {
  if (bytes[start] !== OPEN_ARRAY) return -1;
  let at = start + 1;
  for (let index = 0; index < count; index++) {
    if (index > 0) {
      if (bytes[at++] !== COMMA) return -1;
      if (bytes[at] === SPACE) at++;
    }
    const from = at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const firstDigit = at;
    let mantissa = 0;
    let digit = (bytes[at] ?? 0) - ZERO;
    for (; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - ZERO) mantissa = mantissa * 10 + digit;
    let digits = at - firstDigit;
    if (digits === 0 || (digits > 1 && bytes[firstDigit] === ZERO)) return -1;
    let decimals = 0;
    if (bytes[at] === DOT) {
      const point = at;
      digit = (bytes[++at] ?? 0) - ZERO;
      for (; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - ZERO) mantissa = mantissa * 10 + digit;
      decimals = at - point - 1;
      if (decimals === 0) return -1;
      digits += decimals;
    }
    // An integer below 2^53 divided by an exact power of ten is rounded once, which makes it the nearest double.
    let value = mantissa;
    if (digits > EXACT_DIGITS) value = Math.abs(numberFrom(bytes, from, at));
    else if (decimals > 0) value = mantissa / (EXACT_POWERS[decimals] as number);
    if (value >= limit) return -1;
    target[first + index] = negative ? -value : value;
  }
  return bytes[at] === CLOSE_ARRAY ? at + 1 : -1;
}

function numberFrom(bytes: Uint8Array, from: number, to: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'));
}
