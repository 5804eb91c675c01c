import { type ClientRequest, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import { cutSlowReader } from '../http/cut-slow-reader';
import type { Drain } from '../http/drain';
import { endAfterBody } from '../http/end-after-body';
import { REQUEST_ID_HEADER, requestIdOf } from '../http/request-id';
import { forwardedFor, isPrivateHeader } from './client-address';

/** Between one connection and the next program only (RFC 9110, 7.6.1); and what this server's own parser has dealt with. */
const ONE_HOP = /^(connection|keep-alive|proxy-connection|te|trailer|upgrade|expect)$/i;

/** Up to this size a body is read whole first, and goes out in one write with its head. */
const SMALL_BODY_BYTES = 64 * 1024;

interface Way {
  readonly controlSocket: string;
  readonly drain: Drain;
}

/**
 * Hands a request to the control process and its answer back, both as they come. Each on a connection of its own: they are few, and
 * one that is kept open could be closed under the next.
 */
export function forward(request: IncomingMessage, response: ServerResponse, way: Way): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (length === undefined && encoding === undefined) open(request, response, way).end();
  else if (Number(length) <= SMALL_BODY_BYTES) {
    // The control process may refuse by the head alone and close: a body that comes after would meet a closed connection, and with it
    // the answer would be lost.
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => open(request, response, way).end(Buffer.concat(chunks)));
  } else request.pipe(open(request, response, way));
}

function open(request: IncomingMessage, response: ServerResponse, { controlSocket, drain }: Way): ClientRequest {
  const upstream = send({
    socketPath: controlSocket,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: headersOf(request),
    agent: false,
  });
  upstream.on('response', (answer) => {
    const { statusCode = 502, statusMessage, rawHeaders } = answer;
    const headers = pairsOf(rawHeaders).filter(([name]) => !ONE_HOP.test(name));
    // What is left of an unread body would be taken for the next request.
    const close = drain.endsConnections || !request.complete;
    response.writeHead(statusCode, statusMessage, [...headers.flat(), ...(close ? ['Connection', 'close'] : [])]);
    answer.on('error', () => response.destroy());
    answer.pipe(response, { end: false });
    answer.on('end', () => {
      end(request, response, upstream);
    });
  });
  upstream.on('error', () => {
    // It has answered and reads no further, or it is gone: then this process ends too.
    if (response.headersSent) request.resume();
    else response.destroy();
  });
  response.on('close', () => upstream.destroy());
  return upstream;
}

/** The answer is whole, maybe before the request is: the client goes on sending for a moment, and reads it then. */
function end(request: IncomingMessage, response: ServerResponse, upstream: ClientRequest): void {
  if (request.complete) {
    response.end();
    cutSlowReader(response);
  } else {
    request.unpipe(upstream);
    endAfterBody(request, response, []);
  }
}

function headersOf(request: IncomingMessage): string[] {
  const kept = pairsOf(request.rawHeaders).filter(
    ([name]) => !ONE_HOP.test(name) && !isPrivateHeader(name) && name.toLowerCase() !== 'x-request-id',
  );
  const { host, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const hasBody = length !== undefined || encoding !== undefined;
  return [
    ...kept.flat(),
    // Where a client sends none (HTTP/1.0), the control process judges that.
    ...(host === undefined ? ['Host', ''] : []),
    // Else a method that may have a body would be sent with an empty one.
    ...(hasBody || request.method === 'GET' || request.method === 'HEAD' ? [] : ['Content-Length', '0']),
    ...[REQUEST_ID_HEADER, requestIdOf(request)],
    ...forwardedFor(request),
    // Closed from this side, once the answer is here.
    ...['Connection', 'keep-alive'],
  ];
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    pairs.push([rawHeaders[at] as string, rawHeaders[at + 1] as string]);
  return pairs;
}
