import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ServedDeployments } from '@understudy/model-slots';
import { Clock } from '@understudy/platform';
import { Access } from '../access/access.decorator';
import { ApiProblems } from '../openapi/api-problems';
import { ArmStatisticsReader } from './arm-statistics-reader';
import { describeStatistics } from './describe-statistics';
import { StatisticsAnswer, StatisticsQuery } from './statistics.dto';
import { minuteRange } from './statistics-range';

/** What the arms of a deployment did. */
@ApiTags('Canary deployment')
@Access('view')
@Controller('deployments')
export class StatisticsController {
  constructor(
    private readonly deployments: ServedDeployments,
    private readonly reader: ArmStatisticsReader,
    private readonly clock: Clock,
  ) {}

  @Get(':deployment/statistics')
  @ApiOperation({
    summary: 'What each arm did: requests, errors, latency, predictions',
    description:
      'Added up over all replicas. Each replica writes once a minute, so the others may be a minute behind; what this one has not ' +
      'written yet is included. Kept for 30 days.',
  })
  @ApiParam({ name: 'deployment', example: 'default' })
  @ApiOkResponse({ type: StatisticsAnswer })
  @ApiProblems('invalid-body', 'deployment-not-found', 'database-unavailable')
  async statistics(@Param('deployment') name: string, @Query() query: StatisticsQuery): Promise<StatisticsAnswer> {
    const deployment = this.deployments.named(name);
    const range = minuteRange(query, this.clock.now());
    const arms = await this.reader.read(deployment.name, range);
    return describeStatistics(deployment.name, range, arms);
  }
}
