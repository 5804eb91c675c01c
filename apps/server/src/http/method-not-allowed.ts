import { HttpException, HttpStatus } from '@nestjs/common';
import type { Response } from 'express';

/** A known path that was asked with another method; `allowed` lists those that it takes, as the header Allow does. */
export function methodNotAllowed(response: Response, allowed: string): HttpException {
  response.setHeader('Allow', allowed);
  return new HttpException(`This path takes ${allowed} only`, HttpStatus.METHOD_NOT_ALLOWED);
}
