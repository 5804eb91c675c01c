import { describeKind, ElementError } from '../json/element-reader';
import type { JsonCursor, JsonKind } from '../json/json-cursor';
import { MismatchError } from '../json/nested-reader';
import type { ColumnPlan } from './column-plan';

/** Reads the rows of a data frame that are arrays of cells, or bare values where there is one column. */
export class RowReader {
  private targets: readonly number[] | undefined;
  /** Column of the data that is being read. */
  private cell = 0;

  constructor(
    private readonly cursor: JsonCursor,
    private readonly plan: ColumnPlan,
    /** What the rows are called in messages: `dataframe_split.data`. */
    private readonly label: string,
  ) {
    this.targets = plan.targets;
  }

  /** Throws MismatchError for a row of another width, and for a cell that does not fit. */
  read(row: number): void {
    const kind = this.cursor.peek();
    this.cell = 0;
    try {
      this.plan.sink.beginRow();
      if (kind === 'array') this.readCells(row);
      else this.readBareValue(row, kind);
    } catch (error) {
      if (!(error instanceof ElementError)) throw error;
      const target = this.targets?.[this.cell] ?? this.cell;
      throw new MismatchError(`${this.where(row)}: ${error.detail} (${this.plan.sink.describe(target)})`, {
        cause: error,
      });
    }
    this.targets ??= Array.from({ length: this.cell }, (_, position) => position);
  }

  private readCells(row: number): void {
    const { cursor, targets } = this;
    if (cursor.enterArray()) {
      do {
        if (this.cell === targets?.length) throw this.otherWidth(row, `more than ${this.cell}`);
        this.readCell(row);
        this.cell++;
      } while (cursor.nextElement());
    }
    if (targets !== undefined && this.cell !== targets.length) throw this.otherWidth(row, String(this.cell));
  }

  private readBareValue(row: number, kind: JsonKind): void {
    if (kind === 'object' || (this.targets !== undefined && this.targets.length !== 1)) {
      const cells = this.targets === undefined ? 'cells' : `${this.targets.length} cells`;
      throw this.mismatch(row, `expected an array of ${cells}, got ${describeKind(kind)}`);
    }
    this.readCell(row);
    this.cell = 1;
  }

  private readCell(row: number): void {
    const target = this.targets === undefined ? this.cell : (this.targets[this.cell] as number);
    if (target < 0) this.cursor.skip();
    else this.plan.sink.readCell(target, this.plan.sink.needsPlace ? this.where(row) : '');
  }

  private where(row: number): string {
    return `${this.label}[${row}][${this.cell}]`;
  }

  private otherWidth(row: number, came: string): MismatchError {
    const expected = this.targets?.length ?? 0;
    return this.mismatch(
      row,
      `expected ${expected} ${expected === 1 ? 'cell' : 'cells'}, one for each column, got ${came}`,
    );
  }

  private mismatch(row: number, problem: string): MismatchError {
    return new MismatchError(`${this.label}[${row}]: ${problem}`);
  }
}
