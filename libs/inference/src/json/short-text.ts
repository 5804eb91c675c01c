const LONGEST = 16;
const PLACES = 256;

const known = new Array<string>(PLACES).fill('');

/**
 * The ASCII text of the bytes from `start` to `end`. Short ones are kept: requests name the same members again and again, and making
 * a string of bytes takes three times as long as recognising it.
 */
export function shortText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0 || length > LONGEST) return bytes.toString('latin1', start, end);
  const place = ((bytes[start] as number) * 31 + (bytes[end - 1] as number) * 7 + length) % PLACES;
  const text = known[place] as string;
  if (text.length === length && matches(bytes, start, text)) return text;
  const fresh = bytes.toString('latin1', start, end);
  known[place] = fresh;
  return fresh;
}

function matches(bytes: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
