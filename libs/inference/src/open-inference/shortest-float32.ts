/** Any decimal of so many digits survives a float32; so a shorter one than these need not be looked for, subnormals apart. */
const ALWAYS_KEPT_DIGITS = 6;
/** So many digits tell every float32 apart. */
const ALWAYS_ENOUGH_DIGITS = 9;

const SMALLEST_NORMAL = 2 ** -126;

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * The double with the fewest decimal digits that rounds to `value`, a float32: what prints as 0.1 and not as 0.10000000149011612.
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return value;
  if (!Number.isFinite(value)) return value;
  const magnitude = Math.abs(value);
  const firstDigits = magnitude < SMALLEST_NORMAL ? 1 : ALWAYS_KEPT_DIGITS;
  const exponent = Math.floor(Math.log10(magnitude));
  for (let digits = firstDigits; digits < ALWAYS_ENOUGH_DIGITS; digits++) {
    const candidate = withDigits(value, digits, digits - 1 - exponent);
    if (Math.fround(candidate) === value) return candidate;
  }
  return withDigits(value, ALWAYS_ENOUGH_DIGITS, ALWAYS_ENOUGH_DIGITS - 1 - exponent);
}

/** `value` rounded to `decimals` places after the point, which leaves it `digits` digits. */
function withDigits(value: number, digits: number, decimals: number): number {
  const power = EXACT_POWERS[Math.abs(decimals)];
  // Both operands are exact, so the quotient is the double nearest to the decimal; products may miss it.
  if (power !== undefined && decimals >= 0) return Math.round(value * power) / power;
  return Number(value.toPrecision(digits));
}
