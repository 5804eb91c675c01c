import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiQuery } from '@nestjs/swagger';
import type { ErrorCode } from '@understudy/platform';
import { ApiProblems } from '../openapi/api-problems';
import { ChangeAnswer } from './deployment.dto';

/** Documents what every route that changes a deployment takes, and which errors it may answer with besides. */
export function ApiChange(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description:
        'The ETag that the change was decided on, such as `"g7"`, or `W/"g7"` as a proxy makes of it: refused with 412 where it is stale. `*`: it must exist.',
    }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'A retry with the same key and body does nothing a second time; it is answered with the state that the first try made.',
    }),
    ApiHeader({ name: 'X-Change-Reason', required: false, description: 'Why, where the body has no `reason`.' }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description:
        '`respond-async` answers 202 with a change to follow as soon as it has begun; what can be refused at once is refused.',
    }),
    ApiQuery({
      name: 'dryRun',
      required: false,
      schema: { type: 'boolean' },
      description: 'Says what would change, and changes nothing: `{"wouldChange", "before", "after"}`.',
    }),
    ApiAcceptedResponse({ type: ChangeAnswer, description: 'Under way; follow it at `Location`.' }),
    ApiProblems(
      'invalid-body',
      'invalid-json',
      'invalid-header',
      'unsupported-media-type',
      'change-conflict',
      'generation-mismatch',
      'idempotency-key-reused',
      'change-cancelled',
      'database-unavailable',
      'change-outcome-unknown',
      ...codes,
    ),
  );
}

/** What loading a version may end with. */
export const LOAD_ERRORS = [
  'invalid-model-uri',
  'model-not-found',
  'model-version-not-found',
  'model-alias-not-found',
  'run-not-found',
  'signature-conflict',
  'model-not-servable',
  'unsafe-model-files',
  'model-load-failed',
  'model-load-timeout',
  'registry-refused',
  'registry-bad-answer',
  'registry-unavailable',
  'storage-failed',
] as const satisfies readonly ErrorCode[];
