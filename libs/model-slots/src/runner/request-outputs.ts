import { type ReceivedTensor, sliceData, type TensorValue } from '@understudy/inference';

/** Which rows of a run are a request's own. */
export interface RowRange {
  readonly from: number;
  readonly count: number;
}

/** Elements of an output, where they are in the run's memory. */
export interface OutputRange {
  readonly output: ReceivedTensor;
  /** The first element, and how many of them make a row. */
  readonly from: number;
  readonly rows: number;
  readonly perRow: number;
}

/** The outputs of a run as one of its requests sees them. Its rows are cut out when asked for: most requests need one output of several. */
export class RequestOutputs {
  constructor(
    private readonly outputs: readonly ReceivedTensor[],
    /** Undefined where the whole run is this request's. */
    private readonly rows?: RowRange,
  ) {}

  get count(): number {
    return this.outputs.length;
  }

  /** Where the rows of an output are, without cutting them out; undefined where the model has no such output. */
  rangeOf(position: number): OutputRange | undefined {
    const output = this.outputs[position];
    if (output === undefined) return undefined;
    const { shape } = output;
    let perRow = 1;
    for (let axis = 1; axis < shape.length; axis++) perRow *= shape[axis] as number;
    if (this.rows === undefined) return { output, from: 0, rows: shape[0] ?? 1, perRow };
    return { output, from: this.rows.from * perRow, rows: this.rows.count, perRow };
  }

  /** The output at a position of the signature: `[rows, ...]` where the run was shared. */
  at(position: number): TensorValue {
    const output = this.outputs[position];
    if (output === undefined) throw new RangeError(`the model has ${this.outputs.length} outputs, none at ${position}`);
    if (this.rows === undefined) return output;
    const { from, count } = this.rows;
    const { datatype, shape, data } = output;
    let perRow = 1;
    for (let axis = 1; axis < shape.length; axis++) perRow *= shape[axis] as number;
    return {
      datatype,
      shape: shape.length === 1 ? [count] : [count, ...shape.slice(1)],
      data: sliceData(data, from * perRow, (from + count) * perRow),
    };
  }
}
