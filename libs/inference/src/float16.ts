/**
 * IEEE 754 half precision in software: Node 20 has no Float16Array. Rounds to nearest, ties to even, as hardware does;
 * overflows to infinity.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The 16 bits of the half-precision number nearest to `value`. */
export function toFloat16Bits(value: number): number {
  const word = roundToOdd(value);
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const mantissa = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const scaled = exponent - 127 + 15;
  if (scaled >= 0x1f) return sign | 0x7c00;
  if (scaled <= 0) {
    if (scaled < -10) return sign;
    return sign | roundShift(mantissa | 0x800000, 14 - scaled);
  }
  // A carry out of the mantissa runs into the exponent, which is what rounding up to the next power of two means.
  return sign | roundShift((scaled << 23) | mantissa, 13);
}

/** The number that 16 bits of half precision stand for. Exact. */
export function fromFloat16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/**
 * The bits of `value` in single precision, where an inexact value keeps its lowest bit set: rounding twice, to single and then
 * to half, would otherwise go wrong at ties.
 */
function roundToOdd(value: number): number {
  float[0] = value;
  const rounded = float[0];
  const word = bits[0] as number;
  if (rounded === value || !Number.isFinite(rounded)) return word;
  return (Math.abs(rounded) > Math.abs(value) ? word - 1 : word) | 1;
}

/** `value` shifted right, rounded to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const dropped = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return dropped > half || (dropped === half && (kept & 1) === 1) ? kept + 1 : kept;
}
