import type { IncomingHttpHeaders } from 'node:http';

/** With a session, requests that change something carry this header; a page of another site cannot send it without being asked. */
const CSRF_HEADER = 'X-Understudy-Csrf';

/** Those that change nothing (RFC 9110, 9.2.1). */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

interface Asked {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Why a request that changes something comes from a page of another site, as browsers say it themselves; undefined where it does
 * not, or where no browser sends it. What is only read is not looked at: other sites cannot see the answer.
 */
export function whyCrossSite({ method = 'GET', headers }: Asked): string | undefined {
  if (SAFE_METHODS.has(method) || !isOfOtherPage(headers)) return undefined;
  return 'A page of another site sends this request (Sec-Fetch-Site, Origin). Ask from a page of this server, or with a token from a program';
}

/**
 * Why a page of another site gets no stream: it could not see the events, but would hold a place of the few that there are. One that
 * sends a token is none: what other sites may send is never let through to here.
 */
export function whyNoStream({ authorization, ...headers }: IncomingHttpHeaders): string | undefined {
  if (authorization !== undefined || !isOfOtherPage(headers)) return undefined;
  return 'A page of another site asks for this stream (Sec-Fetch-Site, Origin). Ask from a page of this server, or from a program';
}

function isOfOtherPage({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isSameHost(origin, host);
}

/** Why a session does not count for a request that changes something: not even a browser without those headers may send one. */
export function whySessionDoesNotCount({ method = 'GET', headers }: Asked): string | undefined {
  if (SAFE_METHODS.has(method)) return undefined;
  const { 'sec-fetch-site': site, origin } = headers;
  const isOwnPage = site === undefined ? isSameHost(origin, headers.host) : site === 'same-origin';
  if (isOwnPage && headers[CSRF_HEADER.toLowerCase()] !== undefined) return undefined;
  return `With a session, a change is taken only from a page of this server that sends the header ${CSRF_HEADER}`;
}

function isSameHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  // As the browser writes both: in lower case, without a port that is the scheme's own.
  return new URL(origin).host === host.toLowerCase();
}
