import { texts } from '../texts/en';

/** One value that a change made other. */
export interface Difference {
  /** Where: `canaryProbability`, `next.version`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

type Json = unknown;

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Versions are shown by their URI: a person knows `models:/iris/3`, not its digest. */
const isVersion = (value: Json): value is { readonly uri: string } =>
  isObject(value) && typeof value['uri'] === 'string';

/** What differs between two states, in the order of their members; versions as one value each. */
export function differences(before: Json, after: Json, path = ''): Difference[] {
  if (isVersion(before) || isVersion(after)) {
    const one = show(isVersion(before) ? before.uri : before);
    const other = show(isVersion(after) ? after.uri : after);
    const same = one === other && digestOf(before) === digestOf(after);
    return same ? [] : [{ path, before: one, after: other }];
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (isObject(after) && (before === null || before === undefined)) return differences({}, after, path);
  if (isObject(before) && (after === null || after === undefined)) return differences(before, {}, path);
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before: show(before), after: show(after) }];
}

const digestOf = (value: Json): Json => (isObject(value) ? value['digest'] : undefined);

function show(value: Json): string {
  if (value === undefined || value === null) return texts.history.nothingThere;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
