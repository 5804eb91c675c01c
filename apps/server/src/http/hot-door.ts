import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Deployments } from '@understudy/model-slots';
import { HttpSettings, Logger } from '@understudy/platform';
import { PredictionService } from '../prediction/prediction.service';
import { readRoutingHeaders } from '../prediction/routing-headers';
import { Drain } from './drain';
import { endAfterBody } from './end-after-body';
import { isPredictionRequest } from './prediction-routes';
import { renderProblem } from './problem-document';
import { PROBLEM_CONTENT_TYPE } from './problems';
import { checkJsonHeaders, readBody } from './read-body';
import { requestIdOf } from './request-id';

/**
 * Takes predictions before Express, which would halve their rate (docs/benchmarks.md), and answers them with the same service as
 * the documented controller.
 */
@Injectable()
export class HotDoor {
  constructor(
    private readonly predictions: PredictionService,
    private readonly deployments: Deployments,
    private readonly settings: HttpSettings,
    private readonly drain: Drain,
    private readonly logger: Logger,
  ) {}

  /** Answers the request if it is a prediction; says whether it was. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (!isPredictionRequest(request)) return false;
    void this.answer(request, response);
    return true;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request, this.settings.maxJsonBytes);
      checkJsonHeaders(request);
      const hints = readRoutingHeaders(request.headers);
      const prediction = await this.predictions.predict(this.deployments.default, { body, hints });
      this.write(request, response, 200, 'application/json; charset=utf-8', prediction.body, [
        'X-Model-Used',
        prediction.slot,
        'X-Model-Version',
        prediction.version,
      ]);
    } catch (error) {
      this.refuse(error, request, response);
    }
  }

  private refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    // A client that went away before its body was whole: nobody is left to answer.
    if (request.errored !== null || response.destroyed) return;
    const requestId = requestIdOf(request);
    const { document, retryAfterSeconds, unforeseen } = renderProblem(error, requestId);
    const fields = { requestId, status: document.status, code: document.code };
    if (unforeseen) this.logger.error('A prediction failed unforeseen', { ...fields, stack: (error as Error).stack });
    else this.logger.debug('A prediction was refused', { ...fields, detail: document.detail });
    const retry = retryAfterSeconds === undefined ? [] : ['Retry-After', String(retryAfterSeconds)];
    // What is left of an unread body would be taken for the next request.
    const close = request.complete ? [] : ['Connection', 'close'];
    this.write(request, response, document.status, PROBLEM_CONTENT_TYPE, JSON.stringify(document), [
      ...retry,
      ...close,
    ]);
  }

  private write(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    contentType: string,
    body: string,
    more: readonly string[],
  ): void {
    const headers = [
      'Content-Type',
      contentType,
      'Content-Length',
      String(Buffer.byteLength(body)),
      'Cache-Control',
      'no-store',
      'X-Request-Id',
      requestIdOf(request),
      ...more,
    ];
    if (this.drain.isDraining && !headers.includes('Connection')) headers.push('Connection', 'close');
    response.writeHead(status, headers);
    endAfterBody(request, response, body);
  }
}
