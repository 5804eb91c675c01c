import { ApiProperty } from '@nestjs/swagger';

export class PredictRequest {
  @ApiProperty({
    description:
      'Rows: arrays of values in the order of the signature, or objects that name the columns (`{"sepal_length": 5.1, ...}`) where the model names them.',
    type: 'array',
    items: {},
    example: [
      [5.1, 3.5, 1.4, 0.2],
      [6.2, 3.4, 5.4, 2.3],
    ],
  })
  readonly data!: unknown[];
}

export class PredictAnswer {
  @ApiProperty({
    description: 'One prediction for each row: the model’s first output, `[N]` and `[N, 1]` both as a flat list.',
    type: 'array',
    items: {},
    example: [0, 2],
  })
  readonly predictions!: unknown[];

  @ApiProperty({ description: 'The slot that answered.', enum: ['current', 'next'], example: 'current' })
  readonly model_used!: 'current' | 'next';
}

export class ConstantPrediction {
  @ApiProperty({ example: 2 })
  readonly y_pred!: number;
}
