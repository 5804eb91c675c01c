import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { DomainError } from '@understudy/platform';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { AccessRefused } from '../access/access-rule';
import { whyNoStream } from '../access/cross-site';
import type { AccessedRequest } from '../access/origin';
import { DeploymentName } from '../control/deployment-name';
import { ApiProblems } from '../openapi/api-problems';
import type { Asked } from './board';
import { LiveEvents, LiveQuery } from './live.dto';
import { LiveStreams } from './live-streams';

/** More are asked for by asking for all. */
const MOST_NAMES = 50;

const deploymentName = new DeploymentName();

/** What is on somebody's screen, as it changes. */
@ApiTags('Deployments')
@Access('view')
@Controller('live')
export class LiveController {
  constructor(private readonly streams: LiveStreams) {}

  @Get()
  @ApiOperation({
    summary: 'Deployments and their arm statistics as they change: server-sent events',
    description:
      'First everything that is asked for, then `ready`, then what changes, on whichever replica, within a second. The `data` of each event is JSON, as ' +
      'the member of its name in LiveEvents. Each event holds the whole of its subject, so that missing some does no harm; a reader that is ' +
      'slow gets the latest alone. With the id of the last event in `Last-Event-ID` only what changed since is told, where this ' +
      'process sent it, and everything where not. The stream ends with the token or session that it was opened with.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Where an earlier stream broke off.' })
  @ApiExtraModels(LiveEvents)
  @ApiResponse({
    status: 200,
    description: 'The stream.',
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(LiveEvents) } } },
  })
  @ApiProblems('invalid-body', 'cross-site-request', 'no-live-stream')
  async follow(
    @Query() query: LiveQuery,
    @Req() request: Request & AccessedRequest,
    @Res() response: Response,
    @Headers('last-event-id') lastEventId?: string,
  ): Promise<void> {
    const asked = askedBy(query);
    const otherSite = whyNoStream(request.headers);
    if (otherSite !== undefined) throw new AccessRefused('cross-site-request', otherSite);
    if (request.method === 'HEAD') response.type('text/event-stream').end();
    else await this.streams.answer(request, response, asked, lastEventId);
  }
}

/** Names that are not there yet may come to be. Throws DomainError `invalid-body`. */
function askedBy({ deployments, statistics }: LiveQuery): Asked {
  const names = deployments?.split(',').map((name) => deploymentName.transform(name)) ?? null;
  if (names !== null && names.length > MOST_NAMES)
    throw new DomainError('invalid-body', `deployments: expected at most ${MOST_NAMES} names, got ${names.length}`);
  return { deployments: names === null ? null : new Set(names), statistics: statistics !== 'false' };
}
