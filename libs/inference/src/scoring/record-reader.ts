import { describeKind, ElementError } from '../json/element-reader';
import type { JsonKind } from '../json/json-cursor';
import { MismatchError } from '../json/nested-reader';
import type { ModelSignature } from '../signature/signature';
import type { Tensor, TensorSpec } from '../tensor';
import { checkWidth, missingColumns } from './column-plan';
import { InputsSink, MatrixSink, type RowSink, type RowSource } from './row-sink';
import { invalidParameter, listNames } from './scoring-failure';

/** Where the members of records go. */
interface RecordPlan {
  readonly sink: RowSink;
  readonly names: string[];
  readonly positions: Map<string, number>;
  /** The names are those of the first record, because the model has none for its columns. */
  readonly isLearnt: boolean;
  /** The first record still adds names. */
  isOpen: boolean;
}

/** How data frames and TensorFlow's row format differ: a data frame fills gaps with missing values and names its columns freely. */
export interface RecordRules {
  readonly isDataFrame: boolean;
}

/** Reads rows that are objects with one member for each column or input; members the model does not take are left out. */
export class RecordReader {
  private plan: RecordPlan | undefined;
  /** For each column the last row that had it; -1 where none had. */
  private readonly lastRow: number[] = [];
  private readonly extra = new Set<string>();

  constructor(
    private readonly signature: ModelSignature,
    private readonly source: RowSource,
    /** What the rows are called in messages: `dataframe_records`. */
    private readonly label: string,
    private readonly rules: RecordRules,
  ) {}

  /** Throws MismatchError or ScoringError for a row that is no object, for missing members and for values that do not fit. */
  read(row: number): void {
    const { cursor } = this.source;
    const kind = cursor.peek();
    if (kind !== 'object')
      throw this.mismatch(row, `expected an object as the first one is, got ${describeKind(kind)}`);
    let given = 0;
    cursor.readObject((name) => {
      const plan = (this.plan ??= this.planFor(name, cursor.peek()));
      if (given === 0) plan.sink.beginRow();
      const position = plan.positions.get(name) ?? (plan.isOpen ? this.addName(plan, name) : -1);
      given++;
      if (position >= 0) this.readMember(plan, position, name, row);
      else this.leaveOut(plan, name, row);
    });
    if (this.plan === undefined || given === 0)
      throw this.mismatch(row, 'expected an object with columns, got an empty one');
    this.fillGaps(this.plan, row);
  }

  finish(rows: number): readonly Tensor[] {
    if (this.plan === undefined) throw invalidParameter(`"${this.label}" holds no rows; send at least one`);
    this.refuseNeverSeen(this.plan);
    return this.plan.sink.finish(rows);
  }

  private readMember({ sink }: RecordPlan, position: number, name: string, row: number): void {
    if (this.lastRow[position] === row) throw this.mismatch(row, `the member ${listNames([name])} is given twice`);
    this.lastRow[position] = row;
    try {
      sink.readCell(position, sink.needsPlace ? `${this.label}[${row}].${name}` : '');
    } catch (error) {
      if (error instanceof ElementError) throw this.wrongValue(error, sink, position, row);
      throw error;
    }
  }

  private leaveOut({ isLearnt, names }: RecordPlan, name: string, row: number): void {
    if (isLearnt) {
      throw this.mismatch(row, `unknown column ${listNames([name])}; the first object has ${listNames(names)}`);
    }
    if (row === 0) this.extra.add(name);
    this.source.cursor.skip();
  }

  private fillGaps(plan: RecordPlan, row: number): void {
    if (plan.isOpen) {
      plan.isOpen = false;
      checkWidth(this.signature.inputs[0] as TensorSpec, plan.names);
    }
    for (let position = 0; position < plan.names.length; position++) {
      if (this.lastRow[position] === row) continue;
      if (!this.rules.isDataFrame) {
        const missing = plan.names.filter((_, index) => this.lastRow[index] !== row);
        throw missingColumns(missing, plan.names, [...this.extra], this.what());
      }
      this.fillGap(plan, position, row);
    }
  }

  private fillGap(plan: RecordPlan, position: number, row: number): void {
    try {
      plan.sink.missingCell(position);
    } catch (error) {
      if (!(error instanceof ElementError)) throw error;
      this.refuseNeverSeen(plan);
      throw this.wrongValue(error, plan.sink, position, row);
    }
  }

  private refuseNeverSeen({ names }: RecordPlan): void {
    const missing = names.filter((_, position) => this.lastRow[position] === undefined);
    if (missing.length > 0) throw missingColumns(missing, names, [...this.extra], this.what());
  }

  private addName(plan: RecordPlan, name: string): number {
    plan.positions.set(name, plan.names.length);
    plan.names.push(name);
    const [, width = -1] = (this.signature.inputs[0] as TensorSpec).shape;
    if (width >= 0 && plan.names.length > width) checkWidth(this.signature.inputs[0] as TensorSpec, plan.names);
    return plan.names.length - 1;
  }

  private planFor(firstName: string, firstKind: JsonKind): RecordPlan {
    const { inputs, columns } = this.signature;
    const [only, second] = inputs;
    if (only === undefined || second !== undefined) return this.inputsPlan(inputs.map(({ name }) => name));
    const namesInput = firstName === only.name && columns?.includes(firstName) !== true;
    if (namesInput && (only.shape.length !== 2 || firstKind === 'array')) return this.inputsPlan([firstName]);
    if (columns !== undefined) {
      const sink = new MatrixSink(only, this.source, columns.length, columns);
      return { sink, names: [...columns], positions: positionsOf(columns), isLearnt: false, isOpen: false };
    }
    if (!this.rules.isDataFrame) return this.inputsPlan([only.name]);
    if (only.shape.length !== 2) return this.inputsPlan([firstName]);
    const names: string[] = [];
    const sink = new MatrixSink(only, this.source, only.shape[1] as number, names);
    return { sink, names, positions: new Map(), isLearnt: true, isOpen: true };
  }

  private inputsPlan(names: string[]): RecordPlan {
    const sink = new InputsSink(this.signature.inputs, this.source);
    return { sink, names, positions: positionsOf(names), isLearnt: false, isOpen: false };
  }

  private what(): 'columns' | 'inputs' {
    return this.plan?.sink instanceof MatrixSink ? 'columns' : 'inputs';
  }

  private wrongValue(cause: ElementError, sink: RowSink, position: number, row: number): MismatchError {
    return new MismatchError(`${this.label}[${row}]: ${cause.detail} (${sink.describe(position)})`, { cause });
  }

  private mismatch(row: number, problem: string): MismatchError {
    return new MismatchError(`${this.label}[${row}]: ${problem}`);
  }
}

const positionsOf = (names: readonly string[]): Map<string, number> =>
  new Map(names.map((name, position) => [name, position]));
