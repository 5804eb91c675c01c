import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerOutlet } from './answer-outlet';
import { cutSlowReader } from './cut-slow-reader';
import { endAfterBody } from './end-after-body';
import { OneWriteResponse } from './one-write-response';
import type { HttpAnswer } from './refusal';

/** Answers a request that node:http read. */
export class ResponseOutlet implements AnswerOutlet {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  get isGone(): boolean {
    return this.request.errored !== null || this.response.destroyed;
  }

  send(status: number, headers: string[], body: HttpAnswer['body'], bytes: number, stays: boolean): void {
    const { request, response } = this;
    if (stays && typeof body === 'string' && response instanceof OneWriteResponse) {
      if (response.sendWhole(status, headers, body, bytes)) {
        cutSlowReader(response);
        return;
      }
    }
    response.writeHead(status, headers);
    endAfterBody(request, response, body);
  }
}
