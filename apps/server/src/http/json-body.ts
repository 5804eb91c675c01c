import { readJson } from '@understudy/inference';
import { DomainError } from '@understudy/platform';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { matchPrediction } from './prediction-routes';
import { checkJsonHeaders, readBody } from './read-body';

/**
 * Reads bodies for the routes behind Express: strictly, for a body that names a member twice or reaches for a prototype must not
 * change a deployment. The bodies of predictions are left to their protocols, those that `limitOf` gives 0 bytes are not read.
 */
export function jsonBody(limitOf: (request: Request) => number): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    readRequest(request, limitOf(request)).then(() => {
      next();
    }, next);
  };
}

async function readRequest(request: Request, limitBytes: number): Promise<void> {
  if (!takesBody(request)) return;
  // By the path that the router sees, not by the target as it was sent: that may be an absolute URL, or have a fragment.
  if (matchPrediction({ method: request.method, url: request.path }) !== undefined) return;
  if (limitBytes === 0) return;
  const bytes = await readBody(request, limitBytes);
  if (bytes.length === 0) return;
  // Clients of the Open Inference Protocol do not say what they send.
  if (!/^\/v2(\/|$)/.test(request.path)) checkJsonHeaders(request);
  const parsed = readJson(bytes, { uniqueKeys: true });
  if (!parsed.ok) throw new DomainError('invalid-json', parsed.problem);
  request.body = parsed.value;
}

/** No route takes a body with another method; the router says so whatever came. */
function takesBody({ method, path }: Request): boolean {
  if (method === 'POST') return true;
  return (method === 'PUT' || method === 'DELETE') && path.startsWith('/deployments/');
}
