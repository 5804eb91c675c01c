const PER_DECADE = 10;
const LOWEST_DECADE = -9;
const HIGHEST_DECADE = 9;
const ONE_SIGN = (HIGHEST_DECADE - LOWEST_DECADE) * PER_DECADE;

const ZERO = 2 * ONE_SIGN;
const NOT_A_NUMBER = ZERO + 1;
const POSITIVE_INFINITY = ZERO + 2;
const NEGATIVE_INFINITY = ZERO + 3;

/** How many ranges there are. */
export const RANGES = ZERO + 4;

/**
 * The range that a number falls into: ten for each power of ten and sign, so that models of any scale are seen equally well and two
 * replicas' counts add up. What is nearer to zero than 1e-9 counts as zero, what is beyond 1e9 as the outermost range.
 */
export function rangeOf(value: number): number {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? NOT_A_NUMBER : value > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;
  const magnitude = Math.abs(value);
  if (magnitude < 10 ** LOWEST_DECADE) return ZERO;
  const step = Math.min(Math.floor((Math.log10(magnitude) - LOWEST_DECADE) * PER_DECADE), ONE_SIGN - 1);
  return value > 0 ? step : ONE_SIGN + step;
}

/** A range as it is stored and shown: `[1.26, 1.58)`, `(-1.58, -1.26]`, `0`, `NaN`. */
export function rangeLabel(range: number): string {
  if (range === ZERO) return '0';
  if (range === NOT_A_NUMBER) return 'NaN';
  if (range === POSITIVE_INFINITY) return 'Infinity';
  if (range === NEGATIVE_INFINITY) return '-Infinity';
  const step = range % ONE_SIGN;
  const [near, far] = [boundText(step), step === ONE_SIGN - 1 ? 'Infinity' : boundText(step + 1)];
  return range < ONE_SIGN ? `[${near}, ${far})` : `(-${far}, -${near}]`;
}

const boundText = (step: number): string => String(Number((10 ** (LOWEST_DECADE + step / PER_DECADE)).toPrecision(3)));
