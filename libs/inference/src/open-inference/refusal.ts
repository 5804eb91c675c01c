/** Why an inference request is refused; the protocol answers each with 400. */
export type InferRefusalCode = 'invalid-header' | 'invalid-json' | 'invalid-body' | 'tensor-mismatch';

/** A request that is refused, with the sentence that says why. Caught inside this library. */
export class RefusalError extends Error {
  constructor(
    readonly code: InferRefusalCode,
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'RefusalError';
  }
}

/** The JSON is not an inference request whatever the model. */
export const invalidBody = (detail: string): RefusalError => new RefusalError('invalid-body', detail);

/** The tensors are not what the model takes, or not what they claim to be. */
export const mismatch = (detail: string): RefusalError => new RefusalError('tensor-mismatch', detail);

/** Tells of what a sentence speaks; called only where there is something to tell. */
export type Where = () => string;

const LONGEST_NAME = 60;
const MOST_NAMES = 10;

/** A name that a client sent, in single quotes, on one line and cut to a length that fits a sentence. */
export function quoted(name: string): string {
  const cut = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
  return `'${JSON.stringify(cut).slice(1, -1)}'`;
}

export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, MOST_NAMES).map(quoted).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
