import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsNumber, IsOptional, IsString, Length, Max, Min, ValidateIf } from 'class-validator';
import { SlotAnswer, VersionRefAnswer } from '../status/status.dto';
import { A_SHARE, A_URI, got } from './control.dto';

/** Documents the settings; what they may be is said by readDeploymentSettings. */
const SETTINGS_SCHEMA = {
  type: 'object',
  additionalProperties: true,
  description:
    'threads, provider, outputName (which output /predict answers with), batching, stickySalt (what canary keys are hashed with), replicas ' +
    '(runners for each version), requestTimeoutMs, maxWaitingRequests, maxWaitingRows, maxWaitingBytes, guard ({maxErrorShare, slowMs}: when next loses its share by itself). ' +
    'What is left out is as the server has it.',
  example: { requestTimeoutMs: 10_000 },
} as const;

export class WantedAnswer {
  @ApiProperty({ type: VersionRefAnswer, nullable: true })
  readonly current!: VersionRefAnswer | null;

  @ApiProperty({ type: VersionRefAnswer, nullable: true })
  readonly next!: VersionRefAnswer | null;

  @ApiProperty({ type: VersionRefAnswer, nullable: true })
  readonly previous!: VersionRefAnswer | null;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 0.9 })
  readonly canaryProbability!: number;

  @ApiProperty(SETTINGS_SCHEMA)
  readonly settings!: object;
}

export class ActualAnswer {
  @ApiProperty({ description: 'The generation that requests are answered by.', example: 3 })
  readonly generation!: number;

  @ApiProperty({ type: SlotAnswer, nullable: true })
  readonly current!: SlotAnswer | null;

  @ApiProperty({ type: SlotAnswer, nullable: true })
  readonly next!: SlotAnswer | null;

  @ApiProperty({ type: SlotAnswer, nullable: true })
  readonly previous!: SlotAnswer | null;

  @ApiProperty({ example: 0.9 })
  readonly canaryProbability!: number;
}

export class ProblemSummary {
  @ApiProperty({ example: 'registry-unavailable' })
  readonly code!: string;

  @ApiProperty({ description: 'What was expected, what came and what to do.' })
  readonly detail!: string;
}

export class DatedProblem extends ProblemSummary {
  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;
}

export class SlotProblemAnswer extends DatedProblem {
  @ApiProperty({ enum: ['current', 'next', 'previous'] })
  readonly slot!: string;
}

export class ChangeStepAnswer {
  @ApiProperty({ enum: ['decide', 'resolve', 'fetch', 'check', 'start', 'warm', 'wait-for-replicas', 'record'] })
  readonly step!: string;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds; null while it is under way.' })
  readonly ms!: number | null;
}

export class ChangeAnswer {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ description: 'The verb; `converge` is this replica following what is wanted.', example: 'load-next' })
  readonly action!: string;

  @ApiProperty({ type: String, nullable: true, example: 'models:/tracking-quickstart/2' })
  readonly modelUri!: string | null;

  @ApiProperty({ enum: ['running', 'done', 'failed', 'cancelled'], example: 'running' })
  readonly state!: string;

  @ApiProperty({ description: 'The step that it is at, or ended with.', example: 'fetch' })
  readonly step!: string;

  @ApiProperty({ type: [ChangeStepAnswer] })
  readonly steps!: ChangeStepAnswer[];

  @ApiProperty({ description: 'Bytes fetched so far.', example: 1024 })
  readonly bytes!: number;

  @ApiProperty({ type: Number, nullable: true, example: 4096 })
  readonly totalBytes!: number | null;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly finishedAt!: Date | null;

  @ApiProperty({ type: ProblemSummary, nullable: true })
  readonly problem!: ProblemSummary | null;

  @ApiProperty({ type: Number, nullable: true, description: 'The generation that it made.', example: 4 })
  readonly generation!: number | null;
}

export class LastDoneAnswer {
  @ApiProperty({ example: 'promote' })
  readonly action!: string;

  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;

  @ApiProperty({ example: 'anonymous' })
  readonly actor!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;

  @ApiProperty()
  readonly requestId!: string;
}

export class ReplicaCount {
  @ApiProperty({ example: 3 })
  readonly live!: number;

  @ApiProperty({
    description: 'Of those, how many are at the wanted generation with every slot in memory.',
    example: 3,
  })
  readonly reached!: number;
}

export class DeploymentAnswer {
  @ApiProperty({ example: 'default' })
  readonly name!: string;

  @ApiProperty({ description: 'Of the wanted state; grows by one with every change.', example: 3 })
  readonly generation!: number;

  @ApiProperty({ type: WantedAnswer, description: 'What every replica is to serve.' })
  readonly wanted!: WantedAnswer;

  @ApiProperty({ type: ActualAnswer, description: 'What this replica serves.' })
  readonly actual!: ActualAnswer;

  @ApiProperty({ description: 'Whether this replica serves what is wanted.', example: true })
  readonly converged!: boolean;

  @ApiProperty({ type: [SlotProblemAnswer], description: 'Why slots are not in memory here.' })
  readonly problems!: SlotProblemAnswer[];

  @ApiProperty({ type: ChangeAnswer, nullable: true, description: 'Under way here, or the last that failed.' })
  readonly change!: ChangeAnswer | null;

  @ApiProperty({ type: LastDoneAnswer, nullable: true })
  readonly lastChange!: LastDoneAnswer | null;

  @ApiProperty({ type: DatedProblem, nullable: true })
  readonly lastError!: DatedProblem | null;

  @ApiProperty({ type: ReplicaCount, nullable: true, description: 'Null while the database does not answer.' })
  readonly replicas!: ReplicaCount | null;
}

export class DeploymentsAnswer {
  @ApiProperty({ type: [DeploymentAnswer] })
  readonly deployments!: DeploymentAnswer[];
}

export class DryRunAnswer {
  @ApiProperty({ example: true })
  readonly wouldChange!: boolean;

  @ApiProperty({ type: WantedAnswer, nullable: true })
  readonly before!: WantedAnswer | null;

  @ApiProperty({ type: WantedAnswer, nullable: true })
  readonly after!: WantedAnswer | null;
}

export class ReasonRequest {
  @ApiPropertyOptional({ description: 'Why; kept in the audit trail.', maxLength: 500, example: 'weekly retraining' })
  @IsOptional()
  @IsString({ message: 'reason: expected a text' })
  readonly reason?: string;
}

export class PutDeploymentRequest extends ReasonRequest {
  @ApiProperty({ description: 'What current is to hold.', example: 'models:/tracking-quickstart/1' })
  @IsString({ message: (args) => `current: ${A_URI}, ${got(args)}` })
  @Length(1, 2048, { message: (args) => `current: ${A_URI} of at most 2048 characters, ${got(args)}` })
  readonly current!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'What next is to hold; empty where it is left out.',
    example: 'models:/tracking-quickstart/2',
  })
  @ValidateIf((body: PutDeploymentRequest) => body.next !== null && body.next !== undefined)
  @IsString({ message: (args) => `next: ${A_URI}, or null, ${got(args)}` })
  @Length(1, 2048, { message: (args) => `next: ${A_URI} of at most 2048 characters, ${got(args)}` })
  readonly next?: string | null;

  @ApiPropertyOptional({
    description: 'The share of requests that current answers.',
    minimum: 0,
    maximum: 1,
    example: 1,
  })
  @IsOptional()
  @IsNumber(
    { allowNaN: false, allowInfinity: false },
    { message: (args) => `canaryProbability: ${A_SHARE}, ${got(args)}` },
  )
  @Min(0, { message: (args) => `canaryProbability: ${A_SHARE}, ${got(args)}` })
  @Max(1, { message: (args) => `canaryProbability: ${A_SHARE}, ${got(args)}` })
  readonly canaryProbability?: number;

  @ApiPropertyOptional(SETTINGS_SCHEMA)
  @IsOptional()
  readonly settings?: object;
}

const A_GENERATION = 'generation: expected the number of an earlier generation';

export class RestoreRequest extends ReasonRequest {
  @ApiProperty({ description: 'Of the state to go back to.', minimum: 1, example: 1 })
  @IsInt({ message: (args) => `${A_GENERATION}, ${got(args)}` })
  @Min(1, { message: (args) => `${A_GENERATION}, ${got(args)}` })
  readonly generation!: number;
}
