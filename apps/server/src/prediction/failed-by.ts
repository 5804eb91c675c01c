import { type Chosen, namesOf } from './chosen';

const CHOSEN = new WeakMap<object, Chosen>();

/** Remembers which slot was to answer when this was thrown, so that the answer can name it as a good one does. */
export function failedBy(chosen: Chosen, thrown: unknown): unknown {
  if (typeof thrown === 'object' && thrown !== null) CHOSEN.set(thrown, chosen);
  return thrown;
}

/** The headers that name the slot that did not answer; none where it failed before one was chosen. */
export function namesOfFailed(thrown: unknown): readonly string[] {
  const chosen = typeof thrown === 'object' && thrown !== null ? CHOSEN.get(thrown) : undefined;
  return chosen === undefined ? [] : namesOf(chosen);
}
