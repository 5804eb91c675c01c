/**
 * Every promise this product can break, by a stable kebab-case code. docs/errors.md explains each to a user; the HTTP surface
 * maps each to a status in one table (apps/server/src/http/problems.ts).
 */
export const ERROR_CODES = [
  // what a client sent
  'invalid-json',
  'invalid-body',
  'unsupported-media-type',
  'unsupported-encoding',
  'body-too-large',
  'tensor-mismatch',
  'invalid-header',
  // what a path names
  'deployment-not-found',
  'version-not-served',
  // what a model URI names
  'invalid-model-uri',
  'model-not-found',
  'model-version-not-found',
  'model-alias-not-found',
  'run-not-found',
  // what the registry does
  'registry-unavailable',
  'registry-refused',
  'registry-bad-answer',
  'version-changed',
  // what the model's files are
  'model-not-servable',
  'unsafe-model-files',
  'model-load-failed',
  'model-load-timeout',
  'signature-conflict',
  // what the deployment's state allows
  'change-conflict',
  'next-not-ready',
  'no-previous-version',
  'next-in-use',
  'replicas-not-ready',
  'deployment-protected',
  'change-not-found',
  'change-cancelled',
  'generation-not-found',
  'generation-mismatch',
  'idempotency-key-reused',
  // what a token is
  'token-not-found',
  // who asks
  'unauthenticated',
  'forbidden',
  'cross-site-request',
  'host-not-allowed',
  'too-many-sign-ins',
  // who watches
  'no-live-stream',
  // what happens while predicting
  'model-not-ready',
  'unload-not-allowed',
  'inference-failed',
  'inference-timeout',
  'overloaded',
  // this machine
  'storage-failed',
  'memory-short',
  // the database
  'database-unavailable',
  'change-outcome-unknown',
  'database-in-use',
  'database-too-new',
  'database-unusable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Facts beside the sentence, for programs: what was expected, what came, at which step. Never a secret, a path or a stack. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * A promise that could not be kept, with a sentence that says what was expected, what came and what to do.
 * It knows no HTTP.
 */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DomainError';
  }
}

export function isDomainError(error: unknown, code?: ErrorCode): error is DomainError {
  return error instanceof DomainError && (code === undefined || error.code === code);
}

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
