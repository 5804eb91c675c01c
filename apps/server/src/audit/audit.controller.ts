import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import { subjectOf } from '@understudy/control';
import { DomainError } from '@understudy/platform';
import { type AuditFilter, AuditTrail } from '@understudy/store';
import type { Response } from 'express';
import { Access } from '../access/access.decorator';
import { DeploymentName } from '../control/deployment-name';
import { ApiProblems } from '../openapi/api-problems';
import {
  AuditFilterQuery,
  AuditPageAnswer,
  AuditPageQuery,
  VerdictAnswer,
  VerifyQuery,
  WholeAuditFilterQuery,
  WholeAuditPageQuery,
} from './audit.dto';
import { sendJsonLines } from './send-json-lines';

const DEFAULT_LIMIT = 50;

const ApiJsonLines = () =>
  ApiOkResponse({
    description: 'One JSON object a line, oldest first.',
    content: { 'application/x-ndjson': { schema: { type: 'string' } } },
  });

/** What was attempted, by whom, why, and what came of it: of one deployment, or of everything. */
@ApiTags('Audit')
@Access('view')
@Controller()
export class AuditController {
  constructor(private readonly audit: AuditTrail) {}

  @Get('deployments/:deployment/events')
  @ApiOperation({ summary: 'The history of a deployment, newest first, refused attempts too' })
  @ApiParam({
    name: 'deployment',
    description: 'Its name; one that was deleted keeps its history.',
    example: 'default',
  })
  @ApiOkResponse({ type: AuditPageAnswer })
  @ApiProblems('invalid-body', 'database-unavailable')
  async events(
    @Param('deployment', DeploymentName) name: string,
    @Query() { limit, before, ...query }: AuditPageQuery,
  ): Promise<AuditPageAnswer> {
    return this.page({ ...toFilter(query), subject: subjectOf(name) }, limit, before);
  }

  @Get('deployments/:deployment/events/export')
  @ApiOperation({ summary: 'The history of a deployment as JSON Lines, oldest first' })
  @ApiParam({ name: 'deployment', description: 'Its name.', example: 'default' })
  @ApiProduces('application/x-ndjson')
  @ApiJsonLines()
  @ApiProblems('invalid-body', 'database-unavailable')
  async exportEvents(
    @Param('deployment', DeploymentName) name: string,
    @Query() query: AuditFilterQuery,
    @Res() response: Response,
  ): Promise<void> {
    await sendJsonLines(this.audit.exportJsonLines({ ...toFilter(query), subject: subjectOf(name) }), response);
  }

  @Access('administer')
  @Get('audit')
  @ApiOperation({ summary: 'The audit trail over everything, newest first' })
  @ApiOkResponse({ type: AuditPageAnswer })
  @ApiProblems('invalid-body', 'database-unavailable')
  async all(@Query() { limit, before, ...query }: WholeAuditPageQuery): Promise<AuditPageAnswer> {
    return this.page(toFilter(query), limit, before);
  }

  @Access('administer')
  @Get('audit/export')
  @ApiOperation({ summary: 'The audit trail as JSON Lines, oldest first' })
  @ApiProduces('application/x-ndjson')
  @ApiJsonLines()
  @ApiProblems('invalid-body', 'database-unavailable')
  async exportAll(@Query() query: WholeAuditFilterQuery, @Res() response: Response): Promise<void> {
    await sendJsonLines(this.audit.exportJsonLines(toFilter(query)), response);
  }

  @Access('administer')
  @Get('audit/verify')
  @ApiOperation({
    summary: 'Follow the chain of hashes: finds an entry that was changed, removed, inserted or moved',
    description: 'With the head of an earlier verdict, kept elsewhere, also a chain that was written anew.',
  })
  @ApiOkResponse({ type: VerdictAnswer })
  @ApiProblems('invalid-body', 'database-unavailable')
  async verify(@Query() { sequence, hash }: VerifyQuery): Promise<VerdictAnswer> {
    if ([sequence, hash].filter((part) => part !== undefined).length === 1)
      throw new DomainError('invalid-body', 'sequence, hash: expected both of a head that was kept, or neither');
    return this.audit.verify(sequence === undefined ? undefined : { sequence, hash: hash ?? '' });
  }

  private async page(filter: AuditFilter, limit = DEFAULT_LIMIT, before?: number): Promise<AuditPageAnswer> {
    const { events, nextBefore } = await this.audit.page(filter, limit, before);
    return { events: [...events], nextBefore };
  }
}

function toFilter({ from, to, ...query }: AuditFilterQuery & { readonly subject?: string }): AuditFilter {
  return {
    ...query,
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}
