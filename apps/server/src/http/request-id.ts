import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'X-Request-Id';

/** What is echoed: short, printable, nothing that could end a header or a log line. */
const ACCEPTABLE = /^[\w.:=+/-]{1,128}$/;

const REQUEST_ID = Symbol('request id');

/** The id of a request: the client's own where it sent one that can be echoed, else a fresh one. The same at every call. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'> & { [REQUEST_ID]?: string }): string {
  const known = request[REQUEST_ID];
  if (known !== undefined) return known;
  const sent = request.headers['x-request-id'];
  const id = typeof sent === 'string' && ACCEPTABLE.test(sent) ? sent : randomUUID();
  request[REQUEST_ID] = id;
  return id;
}
