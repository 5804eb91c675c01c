import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';

const ONCE = (name: string): { message: string } => ({ message: `${name}: expected at most once` });

export class StatisticsQuery {
  @ApiPropertyOptional({
    description: 'From this time on; an hour before `to` where it is left out. Partial minutes count whole.',
    format: 'date-time',
  })
  @IsOptional()
  @IsString(ONCE('from'))
  readonly from?: string;

  @ApiPropertyOptional({ description: 'Before this time; now where it is left out.', format: 'date-time' })
  @IsOptional()
  @IsString(ONCE('to'))
  readonly to?: string;

  @ApiPropertyOptional({
    description: 'Minutes, hours or days in one point of the series; 60 points where it is left out.',
    example: '5m',
    pattern: '^[1-9][0-9]{0,4}[mhd]$',
  })
  @IsOptional()
  @IsString(ONCE('step'))
  readonly step?: string;
}

const MS = { type: Number, nullable: true } as const;

class LatencyAnswer {
  @ApiProperty({ ...MS, example: 2.1 })
  readonly p50!: number | null;

  @ApiProperty({ ...MS, example: 4.7 })
  readonly p95!: number | null;

  @ApiProperty({ ...MS, example: 8.2 })
  readonly p99!: number | null;
}

const COUNTS = { type: 'object', additionalProperties: { type: 'number' } } as const;

class ArmFigures {
  @ApiProperty({ description: 'Predictions that the arm was chosen for.', example: 1200 })
  readonly requests!: number;

  @ApiProperty({ description: 'Those of them that failed (5xx); what a client got wrong is none.', example: 3 })
  readonly errors!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Errors ÷ requests.', example: 0.0025 })
  readonly errorRate!: number | null;

  @ApiProperty({ type: LatencyAnswer, description: 'Milliseconds, from the histogram.' })
  readonly latencyMs!: LatencyAnswer;
}

export class ArmPoint extends ArmFigures {
  @ApiProperty({ format: 'date-time', description: 'When the step begins.' })
  readonly at!: Date;
}

export class ArmAnswer extends ArmFigures {
  @ApiProperty({ enum: ['current', 'next'], example: 'current' })
  readonly slot!: string;

  @ApiProperty({ example: 'models:/tracking-quickstart/1' })
  readonly version!: string;

  @ApiProperty({
    ...COUNTS,
    description: 'Requests by the smallest bound, in milliseconds, that they did not pass; not cumulative.',
    example: { '2': 700, '2.5': 400, '10': 100 },
  })
  readonly latency!: Record<string, number>;

  @ApiProperty({
    ...COUNTS,
    description:
      "How often the first output was what: labels by themselves, numbers by ranges, probabilities by the likeliest class. Of a request's rows at most 32 are looked at.",
    example: { '0': 800, '1': 900, '2': 700 },
  })
  readonly predictions!: Record<string, number>;

  @ApiProperty({ type: [ArmPoint], description: 'Steps in which it did nothing are left out.' })
  readonly series!: ArmPoint[];
}

export class StatisticsAnswer {
  @ApiProperty({ example: 'default' })
  readonly deployment!: string;

  @ApiProperty({ format: 'date-time' })
  readonly from!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly to!: Date;

  @ApiProperty({ description: 'Minutes in one point of the series.', example: 1 })
  readonly stepMinutes!: number;

  @ApiProperty({ type: [ArmAnswer] })
  readonly arms!: ArmAnswer[];
}
