import { encodeScoringFailure, type ScoringFailure } from '@understudy/inference';
import { isDomainError } from '@understudy/platform';
import { refusalOf, type Refuse } from '../http/refusal';

/** A body that cannot be decoded, with the failure as MLflow's scoring server tells it. */
export class ScoringRefusal extends Error {
  constructor(readonly failure: ScoringFailure) {
    super(failure.message);
    this.name = 'ScoringRefusal';
  }
}

/** MLflow's names for what is wrong on the server's side; everything else is the request's fault. */
const ERROR_CODES: Readonly<Record<number, string>> = {
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** As MLflow's scoring server has it: `{"error_code": ..., "message": ...}`. */
export const refuseInScoring: Refuse = (error, requestId) => {
  if (error instanceof ScoringRefusal) {
    const { failure } = error;
    const code = failure.errorCode ?? 'unsupported-media-type';
    return {
      ...encodeScoringFailure(failure),
      status: failure.status,
      headers: [],
      code,
      detail: failure.message,
      unforeseen: false,
    };
  }
  const refusal = refusalOf(error, requestId);
  const { status, detail: message } = refusal;
  const errorCode = isDomainError(error, 'unsupported-media-type') ? null : (ERROR_CODES[status] ?? 'BAD_REQUEST');
  return { ...refusal, ...encodeScoringFailure({ status, errorCode, message }) };
};

/** What FastAPI, on which MLflow's scoring server stands, says of a path or a method it does not know. */
export const refuseRouteInScoring: Refuse = (error, requestId) => {
  const refusal = refusalOf(error, requestId);
  return {
    ...refusal,
    contentType: 'application/json',
    body: JSON.stringify({ detail: refusal.status === 405 ? 'Method Not Allowed' : refusal.detail }),
  };
};
