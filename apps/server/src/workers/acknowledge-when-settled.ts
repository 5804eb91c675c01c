import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { mergeMap, type Observable } from 'rxjs';
import { Publication } from './publication';

/** A change is acknowledged once every worker answers by it. */
@Injectable()
export class AcknowledgeWhenSettled implements NestInterceptor {
  constructor(private readonly publication: Publication) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method } = context.switchToHttp().getRequest<Request>();
    if (method === 'GET' || method === 'HEAD') return next.handle();
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.publication.settled();
        return answer;
      }),
    );
  }
}
