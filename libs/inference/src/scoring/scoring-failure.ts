import { ElementError } from '../json/element-reader';
import { JsonError } from '../json/json-cursor';
import { MismatchError } from '../json/nested-reader';
import { describeJsonError } from '../json/read-json';

/**
 * Why a scoring request is refused. MLflow answers BAD_REQUEST where a body cannot be read or a value cannot be cast, and
 * INVALID_PARAMETER_VALUE where what was read does not fit the signature; a body of a kind it does not read has no code.
 */
export interface ScoringFailure {
  readonly status: number;
  readonly errorCode: string | null;
  readonly message: string;
}

/** A request cannot be decoded. Caught inside this library and turned into an answer; never crosses it. */
export class ScoringError extends Error {
  constructor(readonly failure: ScoringFailure) {
    super(failure.message);
    this.name = 'ScoringError';
  }
}

export const badRequest = (message: string): ScoringError =>
  new ScoringError({ status: 400, errorCode: 'BAD_REQUEST', message });

export const invalidParameter = (message: string): ScoringError =>
  new ScoringError({ status: 400, errorCode: 'INVALID_PARAMETER_VALUE', message });

export const unsupportedMediaType = (message: string): ScoringError =>
  new ScoringError({ status: 415, errorCode: null, message });

/** The failure that an error of decoding stands for. Throws the error again where it is none of them. */
export function toScoringFailure(error: unknown): ScoringFailure {
  if (error instanceof ScoringError) return error.failure;
  if (error instanceof JsonError) return badRequest(describeJsonError(error)).failure;
  if (error instanceof MismatchError) {
    const ofValue = error.cause instanceof ElementError;
    return (ofValue ? badRequest(error.detail) : invalidParameter(error.detail)).failure;
  }
  throw error;
}

/** A failure as MLflow's scoring server writes it: JSON with `error_code` and `message`, or plain text where there is no code. */
export function encodeScoringFailure({ errorCode, message }: ScoringFailure): { contentType: string; body: string } {
  if (errorCode === null) return { contentType: 'text/plain; charset=utf-8', body: message };
  return { contentType: 'application/json', body: JSON.stringify({ error_code: errorCode, message }) };
}

const MAX_NAMES = 20;
const MAX_NAME_LENGTH = 100;

/** Names for a sentence, however many and long they are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => {
    const cut = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
    return JSON.stringify(cut);
  });
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
