/** A number as C's `%f` prints it: six digits after the point, ties to even, all digits before it; `nan`, `inf` and `-inf`. */
export function fixedText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + textOfMagnitude(Math.abs(value));
}

function textOfMagnitude(magnitude: number): string {
  if (magnitude === Infinity) return 'inf';
  if (magnitude >= 1e21) return `${BigInt(magnitude)}.000000`;
  return isTie(magnitude) ? tieToEven(magnitude) : magnitude.toFixed(6);
}

/** Only odd multiples of 1/128 lie halfway between two texts; they have exactly seven digits after the point. */
const isTie = (magnitude: number): boolean => (magnitude * 128) % 2 === 1;

function tieToEven(magnitude: number): string {
  const down = magnitude.toFixed(7).slice(0, -1);
  // toFixed takes a tie up, which is the even neighbour of an odd digit.
  return Number(down.at(-1)) % 2 === 0 ? down : magnitude.toFixed(6);
}
