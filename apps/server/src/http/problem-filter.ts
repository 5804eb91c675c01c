import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  MethodNotAllowedException,
  NotFoundException,
} from '@nestjs/common';
import { Logger } from '@understudy/platform';
import type { Request, Response } from 'express';
import { senderOf } from '../access/origin';
import { RefusedAttempts } from '../control/refused-attempts';
import { allowedMethods } from './allowed-methods';
import { endAfterBody } from './end-after-body';
import { refuseInOpenInference } from '../open-inference/refuse-in-open-inference';
import { refuseInScoring, refuseRouteInScoring } from '../scoring/refuse-in-scoring';
import { refuseAsProblem, type Refuse } from './refusal';
import { requestIdOf } from './request-id';

/** Renders everything that a route throws. A client's mistake is no error of ours and is logged below that level. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly attempts: RefusedAttempts,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    await this.attempts.record(request, thrown);
    const response = host.switchToHttp().getResponse<Response>();
    const requestId = requestIdOf(request);
    const refusal = refuserFor(request)(withPath(thrown, request, response), requestId);
    const { status, code, detail } = refusal;
    const { actor, tokenId, address } = senderOf(request);
    const fields = { requestId, actor, tokenId, address, method: request.method, path: request.path, status, code };
    if (refusal.unforeseen) this.logger.error('A request failed unforeseen', { ...fields, stack: stackOf(thrown) });
    else this.logger.info('A request was refused', { ...fields, detail });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (let at = 0; at < refusal.headers.length; at += 2)
      response.setHeader(refusal.headers[at] as string, refusal.headers[at + 1] as string);
    response.status(status).setHeader('Content-Type', refusal.contentType);
    response.setHeader('Content-Length', Buffer.byteLength(refusal.body));
    if (!request.complete) response.setHeader('Connection', 'close');
    endAfterBody(request, response, refusal.body);
  }
}

/** Some paths belong to protocols that others have written down, errors included. */
function refuserFor({ method, path }: Request): Refuse {
  if (path === '/v2' || path.startsWith('/v2/')) return refuseInOpenInference;
  // A prediction that did not get to its protocol is refused as that would have.
  if (method === 'POST' && path === '/invocations') return refuseInScoring;
  return SCORING_PATHS.has(path) ? refuseRouteInScoring : refuseAsProblem;
}

const SCORING_PATHS = new Set(['/invocations', '/ping', '/health', '/version']);

/** Nest's own sentence for an unknown route, with where the known ones are, or with the methods that a known path takes. */
function withPath(thrown: unknown, request: Request, response: Response): unknown {
  if (!(thrown instanceof NotFoundException)) return thrown;
  const allowed = allowedMethods(request);
  if (allowed === undefined) {
    return new NotFoundException(
      `There is no ${request.method} ${request.path.slice(0, 200)} here; /docs lists what there is`,
    );
  }
  if (!response.headersSent) response.setHeader('Allow', allowed);
  return new MethodNotAllowedException(`This path takes ${allowed} only`);
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
