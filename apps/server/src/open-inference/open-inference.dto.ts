import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class ServerMetadata {
  @ApiProperty({ example: 'understudy' })
  readonly name!: string;

  @ApiProperty({ example: '0.1.0' })
  readonly version!: string;

  @ApiProperty({ type: [String], example: ['binary_tensor_data', 'classification'] })
  readonly extensions!: readonly string[];
}

export class LiveV2 {
  @ApiProperty({ example: true })
  readonly live!: boolean;
}

export class ReadyV2 {
  @ApiProperty({ example: true })
  readonly ready!: boolean;
}

export class ModelReadyV2 {
  @ApiProperty({ example: 'default' })
  readonly name!: string;

  @ApiProperty({ example: true })
  readonly ready!: boolean;
}

export class ModelListV2 {
  @ApiProperty({ type: [String], example: ['default'] })
  readonly models!: readonly string[];
}

export class TensorMetadataV2 {
  @ApiProperty({ example: 'X' })
  readonly name!: string;

  @ApiProperty({ example: 'FP32' })
  readonly datatype!: string;

  @ApiProperty({ type: [Number], description: '-1 for a size that is open.', example: [-1, 4] })
  readonly shape!: readonly number[];
}

export class ModelMetadataV2 {
  @ApiProperty({ example: 'default' })
  readonly name!: string;

  @ApiProperty({ type: [String], description: 'Those in current and next.', example: ['1', '3'] })
  readonly versions!: readonly string[];

  @ApiProperty({ example: 'onnxruntime_onnx' })
  readonly platform!: string;

  @ApiProperty({ type: [TensorMetadataV2] })
  readonly inputs!: readonly TensorMetadataV2[];

  @ApiProperty({ type: [TensorMetadataV2] })
  readonly outputs!: readonly TensorMetadataV2[];
}

export class RepositoryIndexRequest {
  @ApiPropertyOptional({ description: 'List only what is ready.', example: true })
  readonly ready?: boolean;
}

export class RepositoryItem {
  @ApiProperty({ example: 'default' })
  readonly name!: string;

  @ApiPropertyOptional({ example: '1' })
  readonly version?: string;

  @ApiProperty({ enum: ['READY', 'UNAVAILABLE', 'LOADING'], example: 'READY' })
  readonly state!: string;

  @ApiProperty({ description: 'Why it is not ready; empty where it is.', example: '' })
  readonly reason!: string;
}

export class LoadParameters {
  @ApiPropertyOptional({
    description: 'What to load into next; without it, it is only checked that the deployment answers.',
    example: 'models:/tracking-quickstart/3',
  })
  readonly model_uri?: string;
}

export class RepositoryLoadRequest {
  @ApiPropertyOptional({ type: LoadParameters })
  readonly parameters?: LoadParameters;
}

export class InferTensorV2 extends TensorMetadataV2 {
  @ApiPropertyOptional({
    description: 'The elements in row-major order, flat or nested; left out where they follow as bytes.',
    type: 'array',
    items: {},
    example: [0, 2],
  })
  readonly data?: unknown[];
}

export class InferAnswerV2 {
  @ApiProperty({ example: 'default' })
  readonly model_name!: string;

  @ApiPropertyOptional({ example: '1' })
  readonly model_version?: string;

  @ApiPropertyOptional({ description: 'As the request had it.' })
  readonly id?: string;

  @ApiProperty({ type: [InferTensorV2] })
  readonly outputs!: readonly InferTensorV2[];
}

export class ErrorV2 {
  @ApiProperty({ description: 'What was expected, what came and what to do.' })
  readonly error!: string;
}
