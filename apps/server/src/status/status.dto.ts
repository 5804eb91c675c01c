import { ApiProperty } from '@nestjs/swagger';

export class TensorSpecAnswer {
  @ApiProperty({ example: 'X' })
  readonly name!: string;

  @ApiProperty({ example: 'FP32' })
  readonly datatype!: string;

  @ApiProperty({ description: '-1 takes any size.', type: [Number], example: [-1, 4] })
  readonly shape!: number[];
}

export class SignatureAnswer {
  @ApiProperty({ type: [TensorSpecAnswer] })
  readonly inputs!: TensorSpecAnswer[];

  @ApiProperty({ type: [TensorSpecAnswer] })
  readonly outputs!: TensorSpecAnswer[];

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Names for the columns of the only input, where the model tells them.',
    example: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
  })
  readonly columns!: string[] | null;

  @ApiProperty({
    enum: ['mlmodel', 'onnx'],
    description: 'Whether an MLmodel file helped, or the ONNX file alone told it.',
  })
  readonly source!: string;
}

const RUNNER_STATES = ['starting', 'ready', 'suspect', 'restarting', 'failed', 'ended'];

export class RunnerProcessAnswer {
  @ApiProperty({
    enum: ['active', 'standby'],
    description: 'A standby takes requests only while an active one cannot.',
    example: 'active',
  })
  readonly role!: string;

  @ApiProperty({ enum: RUNNER_STATES, example: 'ready' })
  readonly state!: string;

  @ApiProperty({ type: Number, nullable: true, example: 4242 })
  readonly pid!: number | null;

  @ApiProperty({ description: 'How often it was started again after it ended by itself.', example: 0 })
  readonly restarts!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly lastProblem!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Memory that only it has.', example: 60_000_000 })
  readonly memoryBytes!: number | null;
}

export class RunnerAnswer {
  @ApiProperty({ enum: RUNNER_STATES, description: 'The best state of its processes.', example: 'ready' })
  readonly state!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Id of the first process; slots that hold the same version share its runners.',
    example: 4242,
  })
  readonly pid!: number | null;

  @ApiProperty({ description: 'How often its processes were started again, together.', example: 0 })
  readonly restarts!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly lastProblem!: string | null;

  @ApiProperty({ example: 0 })
  readonly waitingRequests!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Memory that only it has.', example: 60_000_000 })
  readonly memoryBytes!: number | null;

  @ApiProperty({ type: [RunnerProcessAnswer] })
  readonly runners!: RunnerProcessAnswer[];
}

export class BatchingAnswer {
  @ApiProperty({ description: 'Whether rows of different requests run together.', example: true })
  readonly batched!: boolean;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Most rows in one run, from measured latency.',
    example: 4096,
  })
  readonly maxRows!: number | null;

  @ApiProperty({ description: 'What was found when the version was loaded.' })
  readonly because!: string;
}

export class ExecutionAnswer {
  @ApiProperty({ description: 'Threads inside one operator.', example: 1 })
  readonly threads!: number;

  @ApiProperty({ enum: ['cpu', 'cuda', 'coreml', 'dml'], example: 'cpu' })
  readonly provider!: string;

  @ApiProperty({ enum: ['disabled', 'basic', 'extended', 'all'], example: 'all' })
  readonly optimization!: string;

  @ApiProperty({
    enum: ['optimised', 'optimised-and-kept', 'kept'],
    description: 'Whether the graph was optimised in this load, the same and kept on disk, or kept by an earlier load.',
    example: 'optimised',
  })
  readonly graph!: string;
}

export class VersionRefAnswer {
  @ApiProperty({ example: 'models:/tracking-quickstart/1' })
  readonly uri!: string;

  @ApiProperty({ description: 'As it was asked for.', example: 'models:/tracking-quickstart@champion' })
  readonly requestedUri!: string;

  @ApiProperty({ example: 'tracking-quickstart' })
  readonly name!: string;

  @ApiProperty({ type: String, nullable: true, example: '1' })
  readonly version!: string | null;

  @ApiProperty({ description: 'SHA-256 over its files; empty in a dry run that would fetch it.' })
  readonly digest!: string;
}

export class SlotAnswer extends VersionRefAnswer {
  @ApiProperty({ description: 'Bytes of its files.', example: 1234 })
  readonly bytes!: number;

  @ApiProperty({ format: 'date-time' })
  readonly loadedAt!: Date;

  @ApiProperty({ description: 'Milliseconds from the start of its runner to ready.', example: 180 })
  readonly loadMs!: number;

  @ApiProperty({ type: SignatureAnswer })
  readonly signature!: SignatureAnswer;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Names for the labels 0, 1, ...',
    example: ['setosa', 'versicolor', 'virginica'],
  })
  readonly classNames!: string[] | null;

  @ApiProperty({
    type: [String],
    description: 'Outputs of the model that are no tensors: they are in no answer.',
    example: [],
  })
  readonly outputsLeftOut!: string[];

  @ApiProperty({ type: ExecutionAnswer })
  readonly execution!: ExecutionAnswer;

  @ApiProperty({ type: BatchingAnswer })
  readonly batching!: BatchingAnswer;

  @ApiProperty({ description: 'example, zeros, or why it was not warmed.', example: 'example' })
  readonly warmedWith!: string;

  @ApiProperty({ type: RunnerAnswer })
  readonly runner!: RunnerAnswer;
}

export class LoadProgressAnswer {
  @ApiProperty({ example: 'models:/tracking-quickstart/2' })
  readonly modelUri!: string;

  @ApiProperty({ enum: ['decide', 'resolve', 'fetch', 'check', 'start', 'warm', 'record'], example: 'fetch' })
  readonly step!: string;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ example: 1024 })
  readonly bytes!: number;

  @ApiProperty({ type: Number, nullable: true, example: 4096 })
  readonly totalBytes!: number | null;
}

export class SplitAnswer {
  @ApiProperty({ description: 'Share that current answers.', example: '90.0%' })
  readonly current!: string;

  @ApiProperty({ description: 'Share that next answers.', example: '10.0%' })
  readonly next!: string;
}

export class LastChangeAnswer {
  @ApiProperty({
    enum: ['fill', 'load-next', 'promote', 'roll-back', 'set-split', 'unload-next', 'create', 'replace', 'restore'],
    example: 'promote',
  })
  readonly kind!: string;

  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;

  @ApiProperty({ description: 'Of the request that asked for it.' })
  readonly requestId!: string;

  @ApiProperty({ description: 'Who asked.', example: 'anonymous' })
  readonly actor!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Why.' })
  readonly reason!: string | null;
}

export class DatabaseAnswer {
  @ApiProperty({
    description: 'Whether it answers; while it does not, changes are refused and predictions go on.',
    example: true,
  })
  readonly ok!: boolean;

  @ApiProperty({ type: String, nullable: true })
  readonly problem!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly since!: Date | null;

  @ApiProperty({ description: 'Records that wait to be written, of rollbacks and refused attempts.', example: 0 })
  readonly unrecorded!: number;
}

export class EmptySlotAnswer {
  @ApiProperty({ enum: ['current', 'next', 'previous'] })
  readonly slot!: string;

  @ApiProperty({ example: 'registry-unavailable' })
  readonly code!: string;

  @ApiProperty({ description: 'Why the version that is wanted there is not in memory.' })
  readonly detail!: string;

  @ApiProperty({ format: 'date-time' })
  readonly at!: Date;
}

export class FirstVersionAnswer {
  @ApiProperty({ example: 'models:/tracking-quickstart/1' })
  readonly modelUri!: string;

  @ApiProperty({ description: 'Why it is not there yet.' })
  readonly problem!: string;
}

export class WorkerAnswer {
  @ApiProperty({ type: Number, nullable: true, example: 4242 })
  readonly pid!: number | null;

  @ApiProperty({ description: 'Whether it takes connections.', example: true })
  readonly ready!: boolean;

  @ApiProperty({ description: 'Connections that it was given since it started.', example: 8 })
  readonly connections!: number;
}

export class StatusAnswer {
  @ApiProperty({ example: 'default' })
  readonly deployment!: string;

  @ApiProperty({ description: 'Grows by one with every change.', example: 3 })
  readonly generation!: number;

  @ApiProperty({ description: 'The share of requests that current answers.', example: 0.9 })
  readonly canaryProbability!: number;

  @ApiProperty({ type: SplitAnswer })
  readonly split!: SplitAnswer;

  @ApiProperty({ type: SlotAnswer, nullable: true })
  readonly current!: SlotAnswer | null;

  @ApiProperty({ type: SlotAnswer, nullable: true })
  readonly next!: SlotAnswer | null;

  @ApiProperty({ type: SlotAnswer, nullable: true, description: 'What current was; kept warm for a rollback.' })
  readonly previous!: SlotAnswer | null;

  @ApiProperty({ type: LoadProgressAnswer, nullable: true, description: 'The load under way.' })
  readonly loading!: LoadProgressAnswer | null;

  @ApiProperty({ type: LastChangeAnswer, nullable: true })
  readonly lastChange!: LastChangeAnswer | null;

  @ApiProperty({ type: [EmptySlotAnswer], description: 'Slots that do not hold what is wanted, and why.' })
  readonly problems!: EmptySlotAnswer[];

  @ApiProperty({ type: DatabaseAnswer })
  readonly database!: DatabaseAnswer;

  @ApiProperty({
    type: FirstVersionAnswer,
    nullable: true,
    description: 'What the server is still looking for to fill its slots.',
  })
  readonly waitingFor!: FirstVersionAnswer | null;

  @ApiProperty({
    type: [WorkerAnswer],
    description: 'The serving processes, where UNDERSTUDY_WORKERS asks for several.',
  })
  readonly workers!: WorkerAnswer[];

  @ApiProperty({ description: 'Where versions come from.', example: 'a folder of model files' })
  readonly registry!: string;
}
