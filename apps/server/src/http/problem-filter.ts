import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import { Logger } from '@understudy/platform';
import type { Request, Response } from 'express';
import { endAfterBody } from './end-after-body';
import { renderProblem } from './problem-document';
import { PROBLEM_CONTENT_TYPE } from './problems';
import { requestIdOf } from './request-id';

/** Renders everything that a route throws. A client's mistake is no error of ours and is logged below that level. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const requestId = requestIdOf(request);
    const { document, retryAfterSeconds, unforeseen } = renderProblem(withPath(thrown, request), requestId);
    const fields = {
      requestId,
      method: request.method,
      path: request.path,
      status: document.status,
      code: document.code,
    };
    if (unforeseen) this.logger.error('A request failed unforeseen', { ...fields, stack: stackOf(thrown) });
    else this.logger.info('A request was refused', { ...fields, detail: document.detail });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
    response.status(document.status).setHeader('Content-Type', PROBLEM_CONTENT_TYPE);
    const body = JSON.stringify(document);
    response.setHeader('Content-Length', Buffer.byteLength(body));
    if (!request.complete) response.setHeader('Connection', 'close');
    endAfterBody(request, response, body);
  }
}

/** Nest's own sentence for an unknown route, with where the known ones are. */
function withPath(thrown: unknown, request: Request): unknown {
  if (!(thrown instanceof NotFoundException)) return thrown;
  return new NotFoundException(
    `There is no ${request.method} ${request.path.slice(0, 200)} here; /docs lists what there is`,
  );
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
