import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { type ErrorCode, Logger } from '@understudy/platform';
import { Gate } from '../access/gate';
import { SECURITY_HEADERS_OF_DATA } from '../access/security-headers';
import { type ObservedPrediction, PredictionObserver } from '../observation/prediction-observer';
import { namesOfFailed } from '../prediction/failed-by';
import type { PredictionProtocol } from '../prediction/protocols/prediction-protocol';
import { PredictionProtocols } from '../prediction/protocols/prediction-protocols';
import { withoutValues } from '../prediction/without-values';
import type { AnswerOutlet } from './answer-outlet';
import { Drain } from './drain';
import type { PlainTaker } from './plain/plain-connection';
import type { PredictionRequest } from './plain/plain-request';
import { matchPrediction, type PredictionRoute } from './prediction-routes';
import type { HttpAnswer } from './refusal';
import { requestIdOf } from './request-id';
import { ResponseOutlet } from './response-outlet';

/** What somebody has to look into; everything else is the client's mistake, or as many lines as there is overload. */
const FAULTS_OF_THE_MODEL: ReadonlySet<string> = new Set<ErrorCode>(['inference-failed', 'inference-timeout']);

/**
 * Answers predictions. It takes them before Express, which would halve their rate (docs/benchmarks.md); the documented
 * controllers hand theirs to it too.
 */
@Injectable()
export class HotDoor {
  constructor(
    private readonly protocols: PredictionProtocols,
    private readonly observer: PredictionObserver,
    private readonly gate: Gate,
    private readonly drain: Drain,
    private readonly logger: Logger,
  ) {}

  /** Answers the request if it is a prediction; says whether it was. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const route = matchPrediction(request);
    if (route === undefined) return false;
    this.admit(route, request, new ResponseOutlet(request, response));
    return true;
  }

  /** The same for predictions that are read without node:http. */
  readonly plain: PlainTaker = {
    expect: (request) => {
      const { route, announcedBytes } = request;
      const isRefused = this.gate.whyRefused(request, 'predict') !== undefined;
      if (isRefused || announcedBytes > this.protocols.of(route).bodyLimitOf(request)) return undefined;
      return this.observer.begin(route.protocol);
    },
    take: (request, outlet, observed) => {
      this.admit(request.route, request, outlet, observed);
      return true;
    },
  };

  /** Answers a prediction of somebody who may ask. Never rejects. */
  async answer(route: PredictionRoute, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.respond(route, request, new ResponseOutlet(request, response));
  }

  private admit(
    route: PredictionRoute,
    request: PredictionRequest,
    outlet: AnswerOutlet,
    observed = this.observer.begin(route.protocol),
  ): void {
    const refused = this.gate.whyRefused(request, 'predict');
    if (refused === undefined) void this.respond(route, request, outlet, observed);
    else this.refuse(refused, this.protocols.of(route), observed, request, outlet);
  }

  /** From reading the body to writing the last byte. */
  private async respond(
    route: PredictionRoute,
    request: PredictionRequest,
    outlet: AnswerOutlet,
    observed = this.observer.begin(route.protocol),
  ): Promise<void> {
    const protocol = this.protocols.of(route);
    try {
      this.write(request, outlet, await protocol.answer(request, route, observed));
      observed.answered();
    } catch (error) {
      this.refuse(error, protocol, observed, request, outlet);
    }
  }

  private refuse(
    error: unknown,
    protocol: PredictionProtocol,
    observed: ObservedPrediction,
    request: PredictionRequest,
    outlet: AnswerOutlet,
  ): void {
    // A client that went away before its body was whole: nobody is left to answer.
    if (outlet.isGone) {
      observed.gone();
      return;
    }
    const requestId = requestIdOf(request);
    const refusal = protocol.refuse(error, requestId);
    const { status, code, detail } = refusal;
    observed.refused(code, status, requestId);
    if (refusal.unforeseen)
      this.logger.error('A prediction failed unforeseen', { requestId, status, code, stack: (error as Error).stack });
    else if (FAULTS_OF_THE_MODEL.has(code))
      this.logger.info('A prediction failed', { requestId, status, code, detail: withoutValues(code, detail) });
    else this.logger.debug('A prediction was refused', { requestId, status, code, detail });
    this.write(request, outlet, { ...refusal, headers: [...refusal.headers, ...namesOfFailed(error)] });
  }

  private write(
    request: PredictionRequest,
    outlet: AnswerOutlet,
    { status, contentType, headers: more, body }: HttpAnswer,
  ): void {
    const bytes = lengthOf(body);
    const headers = [
      'Content-Type',
      contentType,
      'Content-Length',
      String(bytes),
      'Cache-Control',
      'no-store',
      ...SECURITY_HEADERS_OF_DATA,
      'X-Request-Id',
      requestIdOf(request),
      ...more,
    ];
    // What is left of an unread body would be taken for the next request.
    const stays = request.complete && !this.drain.endsConnections;
    if (!stays) headers.push('Connection', 'close');
    outlet.send(status, headers, body, bytes, stays);
  }
}

function lengthOf(body: HttpAnswer['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  let bytes = 0;
  for (const piece of body) bytes += piece.byteLength;
  return bytes;
}
