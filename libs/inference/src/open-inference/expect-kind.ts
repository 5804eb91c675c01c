import { describeKind } from '../json/element-reader';
import type { JsonCursor, JsonKind } from '../json/json-cursor';
import { invalidBody, type RefusalError, type Where } from './refusal';

/** Throws RefusalError unless a value of this kind comes next; `expected` begins its sentence. JsonError where the text ends. */
export function expectKind(
  cursor: JsonCursor,
  kind: JsonKind,
  expected: Where,
  refuse: (detail: string) => RefusalError = invalidBody,
): void {
  const came = cursor.peek();
  if (came === kind) return;
  refuseEnd(cursor, came);
  throw refuse(`${expected()}, got ${describeKind(came)}`);
}

/** A text that ends early is no JSON, rather than JSON of another form. */
export function refuseEnd(cursor: JsonCursor, kind: JsonKind): void {
  if (kind === 'end') throw cursor.error('the text ends where a value is due');
}

/** Reads null, which stands for a member that is absent; says whether it was there. */
export function readNullFor(cursor: JsonCursor): boolean {
  if (cursor.peek() !== 'null') return false;
  cursor.readNull();
  return true;
}
