import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ErrorCode } from '@understudy/platform';
import { type Problem, PROBLEM_CONTENT_TYPE, PROBLEMS } from '../http/problems';

/** The problem document as Swagger UI shows it. */
class ProblemDocumentSchema {
  @ApiProperty({ example: 'urn:understudy:problem:tensor-mismatch' })
  readonly type!: string;

  @ApiProperty({ example: 'The input does not match the signature' })
  readonly title!: string;

  @ApiProperty({ example: 422 })
  readonly status!: number;

  @ApiProperty({ description: 'What was expected, what came and what to do.' })
  readonly detail!: string;

  @ApiProperty({ description: 'Stable, for programs; docs/errors.md explains each.', example: 'tensor-mismatch' })
  readonly code!: string;

  @ApiProperty({ description: 'Also in the X-Request-Id header and in the server log.', format: 'uuid' })
  readonly requestId!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'Facts beside the sentence, for programs.',
  })
  readonly details?: Record<string, unknown>;
}

/** Documents the error answers of a route: one response for each status, with each code's title. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  const responses = [...byStatus].map(([status, sameStatus]) =>
    ApiResponse({
      status,
      description: sameStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
      content: {
        [PROBLEM_CONTENT_TYPE]: {
          schema: { $ref: getSchemaPath(ProblemDocumentSchema) },
          examples: Object.fromEntries(sameStatus.map((code) => [code, { value: exampleOf(code, PROBLEMS[code]) }])),
        },
      },
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDocumentSchema), ...responses);
}

function exampleOf(code: ErrorCode, { status, title }: Problem): ProblemDocumentSchema {
  return {
    type: `urn:understudy:problem:${code}`,
    title,
    status,
    detail: `${title}: what was expected, what came and what to do.`,
    code,
    requestId: '6f1c1d3e-2a0f-4c39-9d5e-0f4b8a6f7c11',
  };
}
