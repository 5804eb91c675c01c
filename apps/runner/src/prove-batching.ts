import {
  allocate,
  DATATYPES,
  elementCount,
  type FrameTensor,
  type ModelSignature,
  sliceData,
  type Tensor,
  type TensorData,
} from '@understudy/inference';
import type { Batching, RunTiming } from '@understudy/model-slots';
import { type ModelSession } from './model-session';
import { differenceBetween, TOLERANCE } from './difference';
import { timingOf } from './timing';

/** One row for every input, by position. */
type Row = readonly Tensor[];

const PROOF_ROWS = 6;

/** A run may take this long, or this many times what one row takes, whichever is more: it is how long a newcomer may wait. */
const MOST_MS_OF_A_RUN = 8;
const MOST_TIMES_ONE_ROW = 4;
const LARGEST_BATCH = 4096;
const TIMINGS = 3;

export interface Proof {
  readonly batching: Batching;
  /** Of one row and of the most rows; empty where rows do not share runs. */
  readonly timings: readonly RunTiming[];
}

/**
 * Finds out whether rows of different requests may share a run of this very model: rows alone, together, and together in another
 * order must come out the same, exactly for integers, booleans and strings, within {@link TOLERANCE} for floats. Then measures how
 * many rows a run may have, with outputs of no more than `maxOutputBytes`.
 */
export async function proveBatching(
  session: ModelSession,
  signature: ModelSignature,
  inputs: readonly Tensor[] | undefined,
  maxOutputBytes: number,
): Promise<Proof> {
  const obstacle = structuralObstacle(signature);
  if (obstacle !== undefined) return notBatched(obstacle);
  if (inputs === undefined) return notBatched('no input is known that the model runs on');
  try {
    return await new BatchingProof(session, signature, rowsToTry(inputs), maxOutputBytes).run();
  } catch (error) {
    return notBatched(`the model fails on rows together: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const notBatched = (because: string): Proof => ({ batching: { batched: false, because }, timings: [] });

function structuralObstacle({ inputs, outputs }: ModelSignature): string | undefined {
  if (inputs.length === 0) return 'the model has no inputs';
  const fixedInput = inputs.find(({ shape }) => shape.length === 0 || (shape[0] as number) >= 0);
  if (fixedInput !== undefined) return `input "${fixedInput.name}" has no free first axis`;
  const fixedOutput = outputs.find(({ shape }) => shape.length === 0 || (shape[0] as number) >= 0);
  if (fixedOutput !== undefined) return `output "${fixedOutput.name}" has no free first axis`;
  return undefined;
}

/** A row, and what the model gives out for it alone. */
interface RowAlone {
  readonly row: Row;
  readonly outputs: readonly FrameTensor[];
}

interface Measured {
  readonly one: RunTiming;
  readonly most: RunTiming;
  readonly difference: number;
}

class BatchingProof {
  private readonly alone: RowAlone[] = [];

  constructor(
    private readonly session: ModelSession,
    private readonly signature: ModelSignature,
    private readonly candidates: readonly Row[],
    private readonly maxOutputBytes: number,
  ) {}

  async run(): Promise<Proof> {
    await this.runAlone();
    const [first, second] = this.alone;
    if (first === undefined || second === undefined) {
      return notBatched('no two different rows are known that the model runs on');
    }
    let difference = 0;
    for (const order of [this.alone, [...this.alone].reverse()]) {
      const compared = await this.compareTogether(order);
      if (typeof compared === 'string') return notBatched(compared);
      difference = Math.max(difference, compared);
    }
    const measured = await this.measureRows(difference);
    if (typeof measured === 'string') return notBatched(measured);
    const { one, most } = measured;
    difference = measured.difference;
    const batching = { batched: true, maxRows: most.rows, oneRowMs: one.ms, maxRowsMs: most.ms, difference } as const;
    return { batching, timings: [one, most] };
  }

  /** A made-up row may be one that the model refuses; it is then left out. */
  private async runAlone(): Promise<void> {
    for (const row of this.candidates) {
      const outputs = await this.session.run(withIndex(row)).catch(() => undefined);
      if (outputs !== undefined) this.alone.push({ row, outputs });
    }
  }

  /** The largest difference between the rows together and alone, or why they cannot be compared. */
  private async compareTogether(members: readonly RowAlone[]): Promise<number | string> {
    const together = await this.session.run(withIndex(stack(members.map(({ row }) => row))));
    let largest = 0;
    for (const [position, output] of together.entries()) {
      const { name } = this.signature.outputs[position] as { name: string };
      if (output.shape[0] !== members.length) return `output "${name}" has no row for each row of the input`;
      const perRow = elementCount(output.shape.slice(1));
      for (const [index, member] of members.entries()) {
        const expected = member.outputs[position] as FrameTensor;
        if (expected.shape[0] !== 1 || elementCount(expected.shape) !== perRow)
          return `output "${name}" changes its shape with the number of rows`;
        const got = sliceData(output.pieces[0] as TensorData, index * perRow, (index + 1) * perRow);
        const difference = differenceBetween(output.datatype, expected.pieces[0] as TensorData, got);
        if (difference > TOLERANCE[output.datatype]) return describeDifference(name, difference);
        largest = Math.max(largest, difference);
      }
    }
    return largest;
  }

  /**
   * Doubles the rows of a run while it stays short and its outputs small, and compares every row again: a model may change its mind
   * only where there are many. Why rows may not share runs where one does.
   */
  private async measureRows(differenceSoFar: number): Promise<Measured | string> {
    const [sample] = this.alone as [RowAlone];
    const bytesOfRow = sample.outputs.reduce((sum, output) => sum + bytesOf(output), 0);
    const one = await this.time([sample]);
    const limitMs = Math.max(MOST_MS_OF_A_RUN, one.ms * MOST_TIMES_ONE_ROW);
    let most = one;
    let difference = differenceSoFar;
    for (let rows = 2; rows <= LARGEST_BATCH && rows * bytesOfRow <= this.maxOutputBytes; rows *= 2) {
      const members = Array.from({ length: rows }, (_, index) => this.alone[index % this.alone.length] as RowAlone);
      const timing = await this.time(members);
      if (timing.ms > limitMs) break;
      const compared = await this.compareTogether(members);
      if (typeof compared === 'string') return `${compared} (${rows} rows)`;
      difference = Math.max(difference, compared);
      most = timing;
    }
    return { one, most, difference };
  }

  /** The shortest of a few runs: noise only ever adds. */
  private async time(members: readonly RowAlone[]): Promise<RunTiming> {
    const inputs = stack(members.map(({ row }) => row));
    let shortest = Infinity;
    for (let run = 0; run < TIMINGS; run++) {
      const start = performance.now();
      await this.session.run(withIndex(inputs));
      shortest = Math.min(shortest, performance.now() - start);
    }
    return timingOf(inputs, shortest);
  }
}

/** Bytes of a row's output; a text counts as if it were short. */
function bytesOf({ pieces }: FrameTensor): number {
  return pieces.reduce((sum, piece) => sum + ('byteLength' in piece ? piece.byteLength : piece.length * 16), 0);
}

function describeDifference(output: string, difference: number): string {
  const much = Number.isFinite(difference) ? `by a factor of ${difference.toExponential(1)}` : 'altogether';
  return `output "${output}" of a row differs ${much} when it runs with other rows`;
}

const withIndex = (tensors: readonly Tensor[]) => tensors.map((tensor, index) => ({ ...tensor, index }));

/** One tensor for each input from one-row tensors, in order. */
function stack(rows: readonly Row[]): Tensor[] {
  const [first] = rows as [Row];
  return first.map((tensor, input) => {
    const perRow = elementCount(tensor.shape);
    const data = allocate(tensor.datatype, perRow * rows.length) as unknown[];
    rows.forEach((row, index) => {
      const source = (row[input] as Tensor).data;
      for (let at = 0; at < perRow; at++) data[index * perRow + at] = source[at];
    });
    return { ...tensor, shape: [rows.length, ...tensor.shape.slice(1)], data: data as unknown as TensorData };
  });
}

/** The rows of the known input, and as many made from them as are needed for a handful. */
function rowsToTry(inputs: readonly Tensor[]): Row[] {
  const count = Math.min(...inputs.map(({ shape }) => shape[0] as number));
  const own = Array.from({ length: Math.min(count, PROOF_ROWS) }, (_, row) =>
    inputs.map((tensor) => takeRow(tensor, row)),
  );
  const [first] = own;
  if (first === undefined) return [];
  const made = Array.from({ length: PROOF_ROWS - own.length }, (_, index) =>
    first.map((tensor) => vary(tensor, index + 1)),
  );
  return [...own, ...made];
}

function takeRow(tensor: Tensor, row: number): Tensor {
  const perRow = elementCount(tensor.shape.slice(1));
  return {
    ...tensor,
    shape: [1, ...tensor.shape.slice(1)],
    data: sliceData(tensor.data, row * perRow, (row + 1) * perRow),
  };
}

/**
 * A row like this one with other values: floats stretched and moved, integers and booleans turned round among themselves with
 * small changes, strings turned round. Deterministic, so that a model is judged the same every time.
 */
function vary(tensor: Tensor, seed: number): Tensor {
  const { kind } = DATATYPES[tensor.datatype];
  const { data } = tensor;
  const varied = allocate(tensor.datatype, data.length) as unknown[];
  for (let at = 0; at < data.length; at++) {
    const turned = data[(at + seed) % data.length] as number | bigint | string;
    if (kind === 'float' && tensor.datatype !== 'FP16')
      varied[at] = (turned as number) * (1 + seed / 8) + seed / 4 - at / 16;
    else if (kind === 'integer64') varied[at] = (turned as bigint) + BigInt((seed + at) % 2);
    else if (kind === 'integer') varied[at] = Math.min((turned as number) + ((seed + at) % 2), 127);
    else varied[at] = turned;
  }
  return { ...tensor, data: varied as unknown as TensorData };
}
