import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** Answers that are data are never a page, and no page of ours is shown inside another. */
const DATA = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** The dashboard: scripts from here only, none inside a page. Its component library writes style elements. */
const DASHBOARD = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** Swagger UI has its styles in its page and its icons in data: URLs, and asks this server alone. */
const DOCS = { ...DASHBOARD, fontSrc: ["'self'", 'data:'], connectSrc: ["'self'"] };

const POLICIES: readonly (readonly [RegExp, RequestHandler])[] = [
  [/^\/dashboard(?:\/|$)/, withPolicy(DASHBOARD)],
  [/^\/docs(?:\/|$)/, withPolicy(DOCS)],
];
const POLICY_OF_DATA = withPolicy(DATA);

/** The security headers of every answer behind Express; there are no CORS headers, so that pages of other sites read nothing. */
export function securityHeaders(): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const [, policy = POLICY_OF_DATA] = POLICIES.find(([path]) => path.test(request.path)) ?? [];
    policy(request, response, next);
  };
}

/** The same for predictions, which do not pass Express: name and value in turn. */
export const SECURITY_HEADERS_OF_DATA: readonly string[] = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none';frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy',
  'same-origin',
];

function withPolicy(directives: Readonly<Record<string, readonly string[]>>): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: Object.fromEntries(Object.entries(directives).map(([name, sources]) => [name, [...sources]])),
    },
    xFrameOptions: { action: 'deny' },
    // Whether a name is to be reached by TLS alone is for the proxy to say that ends the TLS.
    strictTransportSecurity: false,
  });
}
