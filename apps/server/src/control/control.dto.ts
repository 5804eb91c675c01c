import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsOptional, IsString, Length, Max, Min, type ValidationArguments } from 'class-validator';

export const got = ({ value }: ValidationArguments): string => {
  const sent: unknown = value;
  return sent === undefined ? 'it is missing' : `got ${JSON.stringify(sent).slice(0, 100)}`;
};

export const A_URI = 'expected a model URI such as "models:/tracking-quickstart/2"';
export const A_SHARE = 'expected a number from 0 (all next) to 1 (all current)';

const ReasonMember = () =>
  applyDecorators(
    ApiPropertyOptional({ description: 'Why; kept in the audit trail.', maxLength: 500 }),
    IsOptional(),
    IsString({ message: 'reason: expected a text' }),
  );

export class UpdateModelRequest {
  @ApiProperty({
    description:
      'What to load: `models:/name/version`, `models:/name@alias`, `models:/name/latest`, `models:/name/Stage`, `models:/m-<id>` or `runs:/run_id/path`.',
    example: 'models:/tracking-quickstart/2',
  })
  @IsString({ message: (args) => `model_uri: ${A_URI}, ${got(args)}` })
  @Length(1, 2048, { message: (args) => `model_uri: ${A_URI} of at most 2048 characters, ${got(args)}` })
  readonly model_uri!: string;

  @ReasonMember()
  readonly reason?: string;
}

export class SetCanaryProbabilityRequest {
  @ApiProperty({
    description:
      'The share of requests that **current** answers: 1.0 = all current, 0.7 = 30 % to next, 0.0 = all next.',
    minimum: 0,
    maximum: 1,
    example: 0.7,
  })
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: (args) => `probability: ${A_SHARE}, ${got(args)}` })
  @Min(0, { message: (args) => `probability: ${A_SHARE}, ${got(args)}` })
  @Max(1, { message: (args) => `probability: ${A_SHARE}, ${got(args)}` })
  readonly probability!: number;

  @ReasonMember()
  readonly reason?: string;
}

export class ServiceStatus {
  @ApiProperty({ example: 'Understudy MLflow service running' })
  readonly status!: string;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 1 })
  readonly canary_probability!: number;

  @ApiProperty({ example: true })
  readonly current_model_loaded!: boolean;

  @ApiProperty({ example: true })
  readonly next_model_loaded!: boolean;
}

export class UpdateModelAnswer {
  @ApiProperty({ example: 'Next model updated from models:/tracking-quickstart/2' })
  readonly status!: string;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 1 })
  readonly canary_probability!: number;
}

export class PromotionAnswer {
  @ApiProperty({ example: 'Next model promoted to current. Both slots now use the same model.' })
  readonly status!: string;

  @ApiProperty({ example: true })
  readonly current_model_loaded!: boolean;

  @ApiProperty({ example: true })
  readonly next_model_loaded!: boolean;
}

export class CanaryAnswer {
  @ApiProperty({ example: 'Canary probability updated' })
  readonly status!: string;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 0.7 })
  readonly canary_probability!: number;

  @ApiProperty({ example: '70.0%' })
  readonly current_model_percentage!: string;

  @ApiProperty({ example: '30.0%' })
  readonly next_model_percentage!: string;
}

export class RollbackAnswer {
  @ApiProperty({ example: 'Rolled back to models:/tracking-quickstart/1, which now answers every request.' })
  readonly status!: string;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 1 })
  readonly canary_probability!: number;

  @ApiProperty({ description: 'The version that answers now.', example: 'models:/tracking-quickstart/1' })
  readonly current_model!: string;

  @ApiProperty({
    description: 'The version that was taken back; another rollback returns to it.',
    example: 'models:/tracking-quickstart/2',
  })
  readonly previous_model!: string;
}
