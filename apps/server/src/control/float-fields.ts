import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';

/** JavaScript writes the number 1.0 as 1; clients with typed numbers expect a share to be a float always. */
const FLOAT_FIELD = /"canary_probability":(-?\d+)(?=[,}])/g;

/** Writes the floats of the spec's bodies as floats: `"canary_probability":1.0`. */
@Injectable()
export class FloatFields implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<object>): Observable<string> {
    context.switchToHttp().getResponse<Response>().type('json');
    return next.handle().pipe(map((body) => JSON.stringify(body).replace(FLOAT_FIELD, '"canary_probability":$1.0')));
  }
}
