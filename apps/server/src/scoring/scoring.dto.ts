import { ApiProperty } from '@nestjs/swagger';

export class InvocationsAnswer {
  @ApiProperty({
    description:
      'An object with an array for each output, or a list of records, as MLflow’s ONNX flavor answers this form of request.',
    type: 'object',
    additionalProperties: true,
    example: { label: [0, 2] },
  })
  readonly predictions!: unknown;
}

export class ScoringError {
  @ApiProperty({ example: 'BAD_REQUEST' })
  readonly error_code!: string;

  @ApiProperty({ description: 'What was expected, what came and what to do.' })
  readonly message!: string;
}
