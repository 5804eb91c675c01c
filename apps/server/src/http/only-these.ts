import { NotFoundException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

/** Lets nothing but these paths, below the one that it is mounted at, come to what follows: a static folder holds more than its page needs. */
export function onlyThese(paths: ReadonlySet<string>) {
  return ({ path }: Request, _response: Response, next: NextFunction): void => {
    if (paths.has(path)) next();
    else next(new NotFoundException());
  };
}
