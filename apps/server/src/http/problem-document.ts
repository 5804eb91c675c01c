import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorCode, type ErrorDetails } from '@understudy/platform';
import { HTTP_PROBLEMS, type HttpErrorCode, type Problem, PROBLEMS } from './problems';

/** An error over HTTP: an RFC 9457 problem document. `detail` is also what clients of the service this one matches read. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode | HttpErrorCode;
  readonly requestId: string;
  readonly details?: ErrorDetails;
}

export interface RenderedProblem {
  readonly document: ProblemDocument;
  readonly retryAfterSeconds: number | undefined;
  /** Nobody foresaw this: log it with its stack. */
  readonly unforeseen: boolean;
}

/** What is said of whatever was thrown. Nothing of an unforeseen fault shows but the request id to look it up by. */
export function renderProblem(error: unknown, requestId: string): RenderedProblem {
  if (error instanceof DomainError) {
    const problem: Problem = PROBLEMS[error.code];
    const details = Object.keys(error.details).length > 0 ? { details: error.details } : {};
    return {
      document: { ...base(problem, error.code), detail: error.message, requestId, ...details },
      retryAfterSeconds: retryAfterOf(error) ?? problem.retryAfterSeconds,
      unforeseen: false,
    };
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    const code = error.getStatus() === 405 ? 'method-not-allowed' : 'not-found';
    const document = {
      ...base(HTTP_PROBLEMS[code], code),
      status: error.getStatus(),
      detail: error.message,
      requestId,
    };
    return { document, retryAfterSeconds: undefined, unforeseen: false };
  }
  const detail = `The server could not answer; its log says more under request id ${requestId}`;
  return {
    document: { ...base(HTTP_PROBLEMS['internal-error'], 'internal-error'), detail, requestId },
    retryAfterSeconds: undefined,
    unforeseen: true,
  };
}

/** What was thrown may know better than the table when trying again is worth it. */
function retryAfterOf({ details }: DomainError): number | undefined {
  const { retryAfterSeconds } = details;
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined;
}

function base<Code extends ErrorCode | HttpErrorCode>({ status, title }: Problem, code: Code) {
  return { type: `urn:understudy:problem:${code}`, title, status, code };
}
