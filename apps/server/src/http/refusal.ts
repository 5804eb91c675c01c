import { AccessRefused } from '../access/access-rule';
import { renderProblem } from './problem-document';
import { PROBLEM_CONTENT_TYPE } from './problems';

/** An answer over HTTP, but for the headers that every answer has. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Further headers: name and value in turn. */
  readonly headers: readonly string[];
  /** A text, or pieces to be sent one after another. */
  readonly body: string | readonly Uint8Array[];
}

/** The answer to a request that fails, and what the log says of it. */
export interface Refusal extends HttpAnswer {
  readonly body: string;
  readonly code: string;
  readonly detail: string;
  /** Nobody foresaw this: log it with its stack. */
  readonly unforeseen: boolean;
}

/** Says of whatever was thrown what the clients of one protocol expect to read. */
export type Refuse = (error: unknown, requestId: string) => Refusal;

/** What a refusal is made of, whatever the form of its body. */
export function refusalOf(error: unknown, requestId: string): Omit<Refusal, 'body' | 'contentType'> {
  const { document, retryAfterSeconds, unforeseen } = renderProblem(error, requestId);
  return {
    status: document.status,
    headers: [
      ...(retryAfterSeconds === undefined ? [] : ['Retry-After', String(retryAfterSeconds)]),
      ...(error instanceof AccessRefused && error.challenge !== undefined ? ['WWW-Authenticate', error.challenge] : []),
    ],
    code: document.code,
    detail: document.detail,
    unforeseen,
  };
}

/** As a problem document (RFC 9457): our own routes. */
export const refuseAsProblem: Refuse = (error, requestId) => ({
  ...refusalOf(error, requestId),
  contentType: PROBLEM_CONTENT_TYPE,
  body: JSON.stringify(renderProblem(error, requestId).document),
});
