import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** The one path that the Open Inference Protocol itself writes in two ways: `/v2/` is `/v2`. Every other path has one spelling. */
export function oneSpelling(): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    if (request.path === '/v2/') request.url = request.url.replace('/v2/', '/v2');
    next();
  };
}
