import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ServedDeployments } from '@understudy/model-slots';
import { Clock } from '@understudy/platform';
import type { ArmTotals } from '@understudy/store';
import { Access } from '../access/access.decorator';
import { ApiProblems } from '../openapi/api-problems';
import { type ArmHistory, ArmStatisticsReader } from './arm-statistics-reader';
import { percentilesOf } from './percentiles';
import { type ArmAnswer, StatisticsAnswer, StatisticsQuery } from './statistics.dto';
import { MINUTE_MS, minuteRange } from './statistics-range';

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
    return {
      deployment: deployment.name,
      from: new Date(range.from * MINUTE_MS),
      to: new Date(range.to * MINUTE_MS),
      stepMinutes: range.step,
      arms: arms.map(toAnswer),
    };
  }
}

function toAnswer({ totals, steps }: ArmHistory): ArmAnswer {
  const { slot, version, latency, predictions } = totals;
  const series = [...steps].sort(([a], [b]) => a - b);
  return {
    slot,
    version,
    ...figures(totals),
    latency: { ...latency },
    predictions: { ...predictions },
    series: series.map(([minute, step]) => ({ at: new Date(minute * MINUTE_MS), ...figures(step) })),
  };
}

function figures({
  requests,
  errors,
  latency,
}: ArmTotals): Pick<ArmAnswer, 'requests' | 'errors' | 'errorRate' | 'latencyMs'> {
  const errorRate = requests === 0 ? null : errors / requests;
  return { requests, errors, errorRate, latencyMs: percentilesOf(latency) };
}
