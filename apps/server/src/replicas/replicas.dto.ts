import { ApiProperty } from '@nestjs/swagger';

export class ReplicaSlotAnswer {
  @ApiProperty({ enum: ['current', 'next', 'previous'] })
  readonly slot!: string;

  @ApiProperty({ type: String, nullable: true, example: 'models:/tracking-quickstart/1' })
  readonly version!: string | null;

  @ApiProperty({ description: 'The state of its runner, or `empty`.', example: 'ready' })
  readonly health!: string;
}

export class ReplicaDeploymentAnswer {
  @ApiProperty({ example: 'default' })
  readonly name!: string;

  @ApiProperty({ description: 'The generation that it has reached.', example: 3 })
  readonly generation!: number;

  @ApiProperty({ type: [ReplicaSlotAnswer] })
  readonly slots!: ReplicaSlotAnswer[];
}

export class BehindAnswer {
  @ApiProperty({ example: 'default' })
  readonly deployment!: string;

  @ApiProperty({ example: 2 })
  readonly generation!: number;

  @ApiProperty({ example: 3 })
  readonly wanted!: number;
}

export class ReplicaAnswer {
  @ApiProperty({ format: 'uuid', description: 'Of this start of the server.' })
  readonly id!: string;

  @ApiProperty({ example: 'understudy-7d9f' })
  readonly host!: string;

  @ApiProperty({ example: 1 })
  readonly pid!: number;

  @ApiProperty({ example: '0.1.0' })
  readonly release!: string;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly heartbeatAt!: Date;

  @ApiProperty({ description: 'Milliseconds since the heartbeat.', example: 120 })
  readonly ageMs!: number;

  @ApiProperty({ description: 'Whether it was heard of in the last five seconds.', example: true })
  readonly live!: boolean;

  @ApiProperty({ description: 'Whether it is the one that answers.', example: true })
  readonly self!: boolean;

  @ApiProperty({ type: [BehindAnswer], description: 'The deployments in which it is not where it is wanted.' })
  readonly behind!: BehindAnswer[];

  @ApiProperty({ type: [ReplicaDeploymentAnswer] })
  readonly deployments!: ReplicaDeploymentAnswer[];
}

export class ReplicasAnswer {
  @ApiProperty({ type: [ReplicaAnswer] })
  readonly replicas!: ReplicaAnswer[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'The generation that each deployment is wanted at.',
    example: { default: 3 },
  })
  readonly wanted!: Record<string, number>;
}
