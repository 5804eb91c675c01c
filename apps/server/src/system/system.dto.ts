import { ApiProperty } from '@nestjs/swagger';

export class DependencyAnswer {
  @ApiProperty({ description: 'What it is.', example: 'a folder of model files' })
  readonly kind!: string;

  @ApiProperty({ description: 'Whether it answers.', example: true })
  readonly ok!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'What is wrong; null where nothing is.', example: null })
  readonly problem!: string | null;
}

export class CacheAnswer {
  @ApiProperty({ description: 'Bytes of model files on this disk.', example: 12_288 })
  readonly bytes!: number;

  @ApiProperty({ description: 'Bytes that there may be.', example: 21_474_836_480 })
  readonly maxBytes!: number;

  @ApiProperty({ description: 'Versions in it.', example: 3 })
  readonly versions!: number;
}

export class SystemRunnersAnswer {
  @ApiProperty({ description: 'Runner processes of this replica.', example: 2 })
  readonly processes!: number;

  @ApiProperty({ description: 'Those that can answer now.', example: 2 })
  readonly ready!: number;

  @ApiProperty({ description: 'How often they were started again.', example: 0 })
  readonly restarts!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Bytes that only they have.', example: 60_000_000 })
  readonly memoryBytes!: number | null;
}

export class SystemAnswer {
  @ApiProperty({ example: '0.1.0' })
  readonly release!: string;

  @ApiProperty({ description: 'Of Node.js.', example: '24.11.0' })
  readonly node!: string;

  @ApiProperty({ example: 'linux x64' })
  readonly platform!: string;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ description: 'Seconds since then.', example: 3600 })
  readonly uptimeSeconds!: number;

  @ApiProperty({ description: 'Bytes of memory that the serving process takes.', example: 90_000_000 })
  readonly memoryBytes!: number;

  @ApiProperty({
    description: 'Who may ask: `none` asks nobody for a token.',
    enum: ['none', 'tokens'],
    example: 'none',
  })
  readonly access!: 'none' | 'tokens';

  @ApiProperty({ type: DependencyAnswer })
  readonly registry!: DependencyAnswer;

  @ApiProperty({ type: DependencyAnswer, description: 'Without it changes are refused; predictions go on.' })
  readonly database!: DependencyAnswer;

  @ApiProperty({ type: CacheAnswer, nullable: true, description: 'Null while the disk cannot be read.' })
  readonly cache!: CacheAnswer | null;

  @ApiProperty({ type: SystemRunnersAnswer })
  readonly runners!: SystemRunnersAnswer;
}
