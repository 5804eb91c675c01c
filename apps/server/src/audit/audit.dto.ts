import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { ProblemSummary } from '../control/deployment.dto';

const LIMIT = 'limit: expected a whole number from 1 to 1000';
const BEFORE = 'before: expected the nextBefore of an earlier page';
const OUTCOMES = ['done', 'refused', 'failed'] as const;
const OUTCOME = `outcome: expected one of ${OUTCOMES.join(', ')}`;

/** Which entries; what is left out does not matter. */
export class AuditFilterQuery {
  @ApiPropertyOptional({ description: 'Who asked.' })
  @IsOptional()
  @IsString({ message: 'actor: expected a name, once' })
  @Length(1, 256, { message: 'actor: expected a name' })
  readonly actor?: string;

  @ApiPropertyOptional({ description: 'The verb, such as `promote`.' })
  @IsOptional()
  @IsString({ message: 'action: expected a verb, once' })
  @Length(1, 64, { message: 'action: expected a verb' })
  readonly action?: string;

  @ApiPropertyOptional({ enum: OUTCOMES })
  @IsOptional()
  @IsIn(OUTCOMES, { message: OUTCOME })
  readonly outcome?: (typeof OUTCOMES)[number];

  @ApiPropertyOptional({ description: 'Of the request that asked.' })
  @IsOptional()
  @IsString({ message: 'requestId: expected a request id, once' })
  @Length(1, 128, { message: 'requestId: expected a request id' })
  readonly requestId?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'From this time on.' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'from: expected a time such as 2026-11-25T09:00:00Z' })
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this time.' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'to: expected a time such as 2026-11-25T09:00:00Z' })
  readonly to?: string;
}

export class AuditPageQuery extends AuditFilterQuery {
  @ApiPropertyOptional({ description: 'How many to list.', minimum: 1, maximum: 1000, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: LIMIT })
  @Min(1, { message: LIMIT })
  @Max(1000, { message: LIMIT })
  readonly limit?: number;

  @ApiPropertyOptional({ description: 'The `nextBefore` of the page before.', minimum: 1 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: BEFORE })
  @Min(1, { message: BEFORE })
  readonly before?: number;
}

/** The same for all deployments and everything else. */
export class WholeAuditFilterQuery extends AuditFilterQuery {
  @ApiPropertyOptional({ description: 'What it is done to, such as `deployment:default`.' })
  @IsOptional()
  @IsString({ message: 'subject: expected what it is done to, once' })
  @Length(1, 256, { message: 'subject: expected what it is done to' })
  readonly subject?: string;
}

export class WholeAuditPageQuery extends AuditPageQuery {
  @ApiPropertyOptional({ description: 'What it is done to, such as `deployment:default`.' })
  @IsOptional()
  @IsString({ message: 'subject: expected what it is done to, once' })
  @Length(1, 256, { message: 'subject: expected what it is done to' })
  readonly subject?: string;
}

export class OriginAnswer {
  @ApiProperty({ description: 'The name of the token, or `anonymous` where nobody needs one.', example: 'anonymous' })
  readonly actor!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly tokenId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '127.0.0.1' })
  readonly address!: string | null;

  @ApiProperty()
  readonly requestId!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
}

const STATE = { type: 'object', additionalProperties: true, nullable: true } as const;

export class AuditEventAnswer {
  @ApiProperty({ description: '1, 2, 3 ... without gaps.', example: 12 })
  readonly sequence!: number;

  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;

  @ApiProperty({ type: OriginAnswer })
  readonly origin!: OriginAnswer;

  @ApiProperty({ example: 'promote' })
  readonly action!: string;

  @ApiProperty({ example: 'deployment:default' })
  readonly subject!: string;

  @ApiProperty(STATE)
  readonly before!: unknown;

  @ApiProperty(STATE)
  readonly after!: unknown;

  @ApiProperty({ enum: OUTCOMES })
  readonly outcome!: string;

  @ApiProperty({ type: ProblemSummary, nullable: true })
  readonly problem!: ProblemSummary | null;

  @ApiProperty({ description: 'SHA-256 over the hash of the entry before and everything in this one.' })
  readonly hash!: string;
}

export class AuditPageAnswer {
  @ApiProperty({ type: [AuditEventAnswer], description: 'Newest first.' })
  readonly events!: AuditEventAnswer[];

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Give it as `before` for the next page; null on the last.',
  })
  readonly nextBefore!: number | null;
}

export class ChainHeadAnswer {
  @ApiProperty({ example: 12 })
  readonly sequence!: number;

  @ApiProperty()
  readonly hash!: string;
}

export class VerifyQuery {
  @ApiPropertyOptional({ description: 'The sequence of a head that was kept elsewhere; with `hash`.', minimum: 1 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'sequence: expected the number of an entry' })
  @Min(1, { message: 'sequence: expected the number of an entry' })
  readonly sequence?: number;

  @ApiPropertyOptional({ description: 'Its hash.' })
  @IsOptional()
  @IsString({ message: 'hash: expected 64 hexadecimal digits' })
  @Length(64, 64, { message: 'hash: expected 64 hexadecimal digits' })
  readonly hash?: string;
}

export class VerdictAnswer {
  @ApiProperty({
    description: 'Whether every entry is as it was written, and none is missing or moved.',
    example: true,
  })
  readonly ok!: boolean;

  @ApiPropertyOptional({ type: ChainHeadAnswer, description: 'Where the chain ends; keep it elsewhere.' })
  readonly head?: ChainHeadAnswer;

  @ApiPropertyOptional({ description: 'The first entry that is wrong.' })
  readonly sequence?: number;

  @ApiPropertyOptional({ description: 'What is wrong with it.' })
  readonly problem?: string;
}
