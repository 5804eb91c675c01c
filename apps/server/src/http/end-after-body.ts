import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long, and for how many bytes, a client may go on sending a body that nobody reads. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Ends the answer; its Content-Length must have been set. Where the request's body was not read whole, the answer goes out at once
 * but the connection stays a moment for what is still being sent: closing it on a client that is sending makes the client's system
 * throw the answer away.
 */
export function endAfterBody(request: IncomingMessage, response: ServerResponse, body: string): void {
  if (request.complete || request.destroyed) {
    response.end(body);
    return;
  }
  response.write(body);
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', count);
    response.end();
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
