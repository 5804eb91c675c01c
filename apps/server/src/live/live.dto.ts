import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { DeploymentAnswer } from '../control/deployment.dto';
import { StatisticsAnswer } from '../statistics/statistics.dto';

export class LiveQuery {
  @ApiPropertyOptional({
    description: 'Names, parted by commas, at most 50; all where it is left out.',
    example: 'default,fraud',
  })
  @IsOptional()
  @IsString({ message: 'deployments: expected names parted by commas, once' })
  readonly deployments?: string;

  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Whether arm statistics are told too.' })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'statistics: expected true or false' })
  readonly statistics?: 'true' | 'false';
}

export class LiveRemoval {
  @ApiProperty({ example: 'fraud' })
  readonly name!: string;
}

export class LiveHeartbeat {
  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;
}

export class LiveReady {
  @ApiProperty({ type: [String], description: 'The deployments that there are, of those that were asked for.' })
  readonly deployments!: string[];
}

export class LiveEnd {
  @ApiProperty({
    description:
      '`unauthenticated` and `forbidden`: the token or session no longer counts; `draining`: the server stops.',
    example: 'unauthenticated',
  })
  readonly code!: string;

  @ApiProperty({ description: 'What happened and what to do.' })
  readonly detail!: string;
}

/** What the data of each kind of event is; an event is of one kind. */
export class LiveEvents {
  @ApiPropertyOptional({
    type: LiveReady,
    description: 'After what was told first: whatever is not named there is gone.',
  })
  readonly ready?: LiveReady;

  @ApiPropertyOptional({ type: DeploymentAnswer, description: 'A deployment as it is now.' })
  readonly deployment?: DeploymentAnswer;

  @ApiPropertyOptional({ type: LiveRemoval, description: 'A deployment that is no more.' })
  readonly removed?: LiveRemoval;

  @ApiPropertyOptional({
    type: StatisticsAnswer,
    description: 'The last 15 minutes of a deployment, at most once a second.',
  })
  readonly statistics?: StatisticsAnswer;

  @ApiPropertyOptional({ type: LiveHeartbeat, description: 'Every five seconds.' })
  readonly heartbeat?: LiveHeartbeat;

  @ApiPropertyOptional({ type: LiveEnd, description: 'The last of a stream that the server ends.' })
  readonly end?: LiveEnd;
}
