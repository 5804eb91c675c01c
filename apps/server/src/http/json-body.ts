import { readJson } from '@understudy/inference';
import { DomainError } from '@understudy/platform';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { isPredictionRequest } from './prediction-routes';
import { checkJsonHeaders, readBody } from './read-body';

/**
 * Reads bodies for the routes behind Express: strictly, for a body that names a member twice or reaches for a prototype must not
 * change a deployment. Prediction bodies are left as bytes for the tensor codec.
 */
export function jsonBody(limitBytes: number): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    readRequest(request, limitBytes).then(() => {
      next();
    }, next);
  };
}

async function readRequest(request: Request, limitBytes: number): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const bytes = await readBody(request, limitBytes);
  if (isPredictionRequest(request)) {
    request.body = bytes;
    return;
  }
  if (bytes.length === 0) return;
  checkJsonHeaders(request);
  const parsed = readJson(bytes, { uniqueKeys: true });
  if (!parsed.ok) throw new DomainError('invalid-json', parsed.problem);
  request.body = parsed.value;
}
