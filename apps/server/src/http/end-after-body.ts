import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutSlowReader } from './cut-slow-reader';

/** How long, and for how many bytes, a client may go on sending a body that nobody reads. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Ends the answer; its Content-Length must have been set. Where the request's body was not read whole, the answer goes out at once
 * but the connection stays a moment for what is still being sent: closing it on a client that is sending makes the client's system
 * throw the answer away.
 */
export function endAfterBody(
  request: IncomingMessage,
  response: ServerResponse,
  body: string | readonly Uint8Array[],
): void {
  const pieces = typeof body === 'string' ? [body] : body;
  if (request.complete || request.destroyed) {
    // The last piece ends the answer: a lone one goes out together with the head.
    pieces.forEach((piece, index) => {
      if (index < pieces.length - 1) response.write(piece);
      else response.end(piece);
    });
    cutSlowReader(response);
    return;
  }
  for (const piece of pieces) response.write(piece);
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', count);
    response.end();
    cutSlowReader(response);
  };
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) end();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.on('data', count);
  request.once('end', end);
  request.once('close', end);
  request.resume();
}
