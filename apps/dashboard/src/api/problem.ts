import { texts } from '../texts/en';

/** What the server says when it refuses: a problem document (RFC 9457), or what stands for one when there was no answer. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = 'ApiProblem';
  }

  /** Whoever asks is not signed in, or no longer. */
  get needsSignIn(): boolean {
    return this.status === 401;
  }

  /** Somebody else was first: what was decided rests on what is no longer so. */
  get isOutdated(): boolean {
    return this.code === 'generation-mismatch';
  }

  get forbids(): boolean {
    return this.status === 403;
  }
}

/** The problem in an answer's body, whatever shape that has. */
export function problemOf(status: number, body: unknown): ApiProblem {
  if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string') {
    const code = 'code' in body && typeof body.code === 'string' ? body.code : 'unknown';
    return new ApiProblem(status, code, body.detail);
  }
  return new ApiProblem(status, 'unknown', texts.problem.withoutReason(status));
}

/** Status 0: nobody answered. */
export const unreachable = (): ApiProblem => new ApiProblem(0, 'unreachable', texts.problem.unreachable);
