import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';

const PAGE_SIZE = 'pageSize: expected a whole number from 1 to 100';

export class PageQuery {
  @ApiPropertyOptional({ description: 'How many to list.', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: PAGE_SIZE })
  @Min(1, { message: PAGE_SIZE })
  @Max(100, { message: PAGE_SIZE })
  readonly pageSize?: number;

  @ApiPropertyOptional({ description: 'The `nextPageToken` of the page before.' })
  @IsOptional()
  @IsString({ message: 'pageToken: expected the nextPageToken of an earlier page, once' })
  @Length(1, 4096, { message: 'pageToken: expected the nextPageToken of an earlier page' })
  readonly pageToken?: string;
}

const MAP_OF_TEXTS = { type: 'object', additionalProperties: { type: 'string' } } as const;

export class RegisteredModelAnswer {
  @ApiProperty({ example: 'tracking-quickstart' })
  readonly name!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly description!: string | null;

  @ApiProperty({ ...MAP_OF_TEXTS, description: 'Tags of the model.', example: {} })
  readonly tags!: Record<string, string>;

  @ApiProperty({ ...MAP_OF_TEXTS, description: 'Alias to version.', example: { champion: '1' } })
  readonly aliases!: Record<string, string>;

  @ApiProperty({ type: String, nullable: true, example: '3' })
  readonly latestVersion!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly createdAt!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly updatedAt!: Date | null;
}

class PageAnswer {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Ask for the next page with it; null on the last.',
    example: null,
  })
  readonly nextPageToken!: string | null;
}

export class RegisteredModelsAnswer extends PageAnswer {
  @ApiProperty({ type: [RegisteredModelAnswer] })
  readonly models!: RegisteredModelAnswer[];
}

export class SourceRunAnswer {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Where a browser sees the run.' })
  readonly url!: string | null;
}

export class DeclaredItemAnswer {
  @ApiProperty({ type: String, nullable: true, example: 'sepal_length' })
  readonly name!: string | null;

  @ApiProperty({ description: "A tensor's datatype, or MLflow's own word for a column's.", example: 'FP32' })
  readonly type!: string;

  @ApiProperty({
    type: [Number],
    nullable: true,
    description: 'Of a tensor, -1 for an open size; null for a column.',
    example: [-1, 4],
  })
  readonly shape!: number[] | null;

  @ApiProperty({ description: 'Whether a request must have it.', example: true })
  readonly required!: boolean;
}

export class DeclaredSignatureAnswer {
  @ApiProperty({ type: [DeclaredItemAnswer] })
  readonly inputs!: DeclaredItemAnswer[];

  @ApiProperty({ type: [DeclaredItemAnswer] })
  readonly outputs!: DeclaredItemAnswer[];
}

export class RegisteredVersionAnswer {
  @ApiProperty({ example: 'tracking-quickstart' })
  readonly name!: string;

  @ApiProperty({ example: '3' })
  readonly version!: string;

  @ApiProperty({ description: 'For POST /update-model.', example: 'models:/tracking-quickstart/3' })
  readonly uri!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly description!: string | null;

  @ApiProperty({ type: [String], example: ['candidate'] })
  readonly aliases!: string[];

  @ApiProperty({ type: String, nullable: true, description: 'On registries that still have stages.', example: null })
  readonly stage!: string | null;

  @ApiProperty({ ...MAP_OF_TEXTS, example: {} })
  readonly tags!: Record<string, string>;

  @ApiProperty({ ...MAP_OF_TEXTS, example: { C: '1.0', solver: 'lbfgs' } })
  readonly params!: Record<string, string>;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number', nullable: true },
    example: { accuracy: 0.97 },
  })
  readonly metrics!: Record<string, number | null>;

  @ApiProperty({ type: [String], example: ['onnx', 'python_function'] })
  readonly flavors!: string[];

  @ApiProperty({ description: 'Whether this server can load it.', example: true })
  readonly servable!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why not, and what to do; null where it can be served.',
    example: null,
  })
  readonly notServableBecause!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The command that makes a version of it that can be served; null where there is none.',
    example: null,
  })
  readonly makeServableWith!: string | null;

  @ApiProperty({
    type: DeclaredSignatureAnswer,
    nullable: true,
    description: 'As it was logged; null where the registry does not say. What is loaded tells its own.',
  })
  readonly signature!: DeclaredSignatureAnswer | null;

  @ApiProperty({ type: SourceRunAnswer, nullable: true, description: 'The run that made it.', example: null })
  readonly run!: SourceRunAnswer | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly createdAt!: Date | null;
}

export class RegisteredVersionsAnswer extends PageAnswer {
  @ApiProperty({ type: [RegisteredVersionAnswer] })
  readonly versions!: RegisteredVersionAnswer[];
}
