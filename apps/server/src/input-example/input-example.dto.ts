import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

const SLOTS = ['current', 'next'] as const;

export class InputExampleQuery {
  @ApiPropertyOptional({ description: 'Whose example.', enum: SLOTS, default: 'current' })
  @IsOptional()
  @IsIn(SLOTS, { message: `slot: expected one of ${SLOTS.join(', ')}` })
  readonly slot?: (typeof SLOTS)[number];
}

export class InputExampleAnswer {
  @ApiProperty({ enum: SLOTS, example: 'current' })
  readonly slot!: (typeof SLOTS)[number];

  @ApiProperty({ type: String, nullable: true, description: 'The version in it.', example: 'models:/fraud/12' })
  readonly uri!: string | null;

  @ApiProperty({
    type: 'array',
    items: {},
    nullable: true,
    description: 'What `data` of POST /predict may hold, at most ten rows; null where there is no example.',
    example: [[5.1, 3.5, 1.4, 0.2]],
  })
  readonly rows!: readonly unknown[] | null;

  @ApiProperty({ description: 'How many rows the model has in its example.', example: 2 })
  readonly totalRows!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why there is none; null where there is one.' })
  readonly noneBecause!: string | null;
}
