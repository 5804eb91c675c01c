import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Drain } from './drain';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id';

/** The headers that every answer behind Express has. */
export function standingHeaders(drain: Drain): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    response.setHeader(REQUEST_ID_HEADER, requestIdOf(request));
    response.setHeader('Cache-Control', 'no-store');
    if (drain.endsConnections) response.setHeader('Connection', 'close');
    next();
  };
}
