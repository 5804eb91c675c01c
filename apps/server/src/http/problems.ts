import type { ErrorCode } from '@understudy/platform';

export interface Problem {
  readonly status: number;
  readonly title: string;
  /** Seconds after which trying again is worth it; sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** What each broken promise is over HTTP: the one table from codes to statuses. docs/errors.md explains each code to users. */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-body': { status: 400, title: 'The request does not have the expected form' },
  'invalid-header': { status: 400, title: 'A header does not have the expected form' },
  'unsupported-media-type': { status: 415, title: 'The body is of a kind that is not read here' },
  'unsupported-encoding': { status: 415, title: 'The body is compressed in a way that is not read here' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'tensor-mismatch': { status: 422, title: 'The input does not match the signature' },
  'deployment-not-found': { status: 404, title: 'Deployment not found' },
  'version-not-served': { status: 404, title: 'The version is in no slot' },
  'invalid-model-uri': { status: 400, title: 'Not a model URI that can be served' },
  'model-not-found': { status: 404, title: 'Model not found' },
  'model-version-not-found': { status: 404, title: 'Model version not found' },
  'model-alias-not-found': { status: 404, title: 'Model alias not found' },
  'run-not-found': { status: 404, title: 'Run not found' },
  'registry-unavailable': { status: 503, title: 'The registry cannot be reached', retryAfterSeconds: 5 },
  'registry-refused': { status: 502, title: 'The registry refuses this server' },
  'registry-bad-answer': { status: 502, title: 'The registry gave an answer that cannot be used' },
  'version-changed': { status: 409, title: 'The registry has other files for this version than before' },
  'model-not-servable': { status: 422, title: 'The version cannot be served' },
  'unsafe-model-files': { status: 422, title: 'The files of the version are refused' },
  'model-load-failed': { status: 422, title: 'The version could not be loaded' },
  'model-load-timeout': { status: 422, title: 'The version took too long to load' },
  'signature-conflict': { status: 409, title: 'The version does not take what clients of current send' },
  'change-conflict': { status: 409, title: 'Another change is under way' },
  'next-not-ready': { status: 409, title: 'Next cannot be promoted' },
  'no-previous-version': { status: 409, title: 'There is no version to go back to' },
  'next-in-use': { status: 409, title: 'Next answers requests' },
  'replicas-not-ready': { status: 409, title: 'Not every replica holds next', retryAfterSeconds: 5 },
  'deployment-protected': { status: 409, title: 'This deployment cannot be deleted' },
  'change-not-found': { status: 404, title: 'Change not found' },
  'change-cancelled': { status: 409, title: 'The change was cancelled' },
  'generation-not-found': { status: 404, title: 'The history has no such generation' },
  'generation-mismatch': { status: 412, title: 'The deployment changed meanwhile' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key belongs to another request' },
  'token-not-found': { status: 404, title: 'Token not found' },
  unauthenticated: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'cross-site-request': { status: 403, title: 'Another web site must not ask for this' },
  'host-not-allowed': { status: 421, title: 'This server does not go by that name' },
  'too-many-sign-ins': { status: 429, title: 'Too many failed sign-ins' },
  'no-live-stream': { status: 503, title: 'No further live stream is opened', retryAfterSeconds: 30 },
  'model-not-ready': { status: 503, title: 'The model is not ready', retryAfterSeconds: 1 },
  'unload-not-allowed': { status: 503, title: 'A deployment is not unloaded' },
  'inference-failed': { status: 500, title: 'The model failed' },
  'inference-timeout': { status: 504, title: 'The model did not answer in time' },
  overloaded: { status: 503, title: 'Too many requests are waiting', retryAfterSeconds: 1 },
  'storage-failed': { status: 507, title: 'The model cache could not be written' },
  'memory-short': { status: 503, title: 'Memory is short', retryAfterSeconds: 30 },
  'database-unavailable': { status: 503, title: 'The database cannot be used now', retryAfterSeconds: 5 },
  'change-outcome-unknown': { status: 504, title: 'The database did not say whether the change was made' },
  'database-in-use': { status: 503, title: 'Another server uses the embedded database' },
  'database-too-new': { status: 503, title: 'The database belongs to a newer release' },
  'database-unusable': { status: 503, title: 'The database cannot be used as it is' },
} as const satisfies Record<ErrorCode, Problem>;

/** What only HTTP itself can get wrong. */
export const HTTP_PROBLEMS = {
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  'internal-error': { status: 500, title: 'Something went wrong inside the server' },
} as const satisfies Record<string, Problem>;

export type HttpErrorCode = keyof typeof HTTP_PROBLEMS;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
