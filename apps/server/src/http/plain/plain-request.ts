import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { PredictionRoute } from '../prediction-routes';
import type { PlainHead } from './plain-head';

/** A request for a prediction that came whole and was read off its connection without node:http. */
export class PlainRequest {
  readonly method = 'POST';
  readonly complete = true;

  constructor(
    private readonly head: PlainHead,
    readonly body: Buffer,
    /** Destroyed once nobody waits for the answer any more. */
    readonly socket: Socket,
  ) {}

  get route(): PredictionRoute {
    return this.head.route;
  }

  /** Of the body, as the head says. */
  get announcedBytes(): number {
    return this.head.bodyBytes;
  }

  get url(): string {
    return this.head.url;
  }

  get headers(): IncomingHttpHeaders {
    return this.head.headers;
  }

  get rawHeaders(): string[] {
    return this.head.rawHeaders as string[];
  }
}

/** A request on the path of predictions, whoever read it. */
export type PredictionRequest = IncomingMessage | PlainRequest;
