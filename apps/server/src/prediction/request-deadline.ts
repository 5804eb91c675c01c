import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '@understudy/platform';

/**
 * Milliseconds in which the client wants its answer, from `X-Request-Timeout-Ms`; undefined where it does not say. The server's
 * own limit bounds it. Throws DomainError `invalid-header`.
 */
export function readRequestTimeoutMs(headers: IncomingHttpHeaders): number | undefined {
  const sent = headers['x-request-timeout-ms'];
  if (sent === undefined) return undefined;
  if (typeof sent === 'string' && /^\d{1,15}$/.test(sent) && Number(sent) > 0) return Number(sent);
  throw new DomainError(
    'invalid-header',
    `X-Request-Timeout-Ms: expected milliseconds as a whole number from 1, got ${JSON.stringify(String(sent).slice(0, 100))}`,
  );
}
