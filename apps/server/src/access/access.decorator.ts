import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiResponse } from '@nestjs/swagger';
import type { Access } from './access-rule';

export const ACCESS = 'understudy:access';

/** In the OpenAPI document: what an operation asks of its caller. */
const ACCESS_EXTENSION = 'x-access';

/**
 * What a route asks of its caller: a scope, or `open` for everybody. On a method, or on a controller for all of its methods; every
 * route needs one, or the server does not start.
 */
export function Access(access: Access): MethodDecorator & ClassDecorator {
  const documented =
    access === 'open'
      ? []
      : [
          ApiBearerAuth(),
          ApiResponse({ status: 401, description: '`unauthenticated`: no token, or one that does not count' }),
          ApiResponse({ status: 403, description: `\`forbidden\`: the token has not the scope ${access}` }),
        ];
  return applyDecorators(SetMetadata(ACCESS, access), ApiExtension(ACCESS_EXTENSION, access), ...documented);
}
