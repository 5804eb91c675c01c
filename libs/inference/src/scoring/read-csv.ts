import { isUtf8 } from 'node:buffer';
import { DATATYPES } from '../datatype';
import { ElementError } from '../json/element-reader';
import { JsonCursor } from '../json/json-cursor';
import { MismatchError } from '../json/nested-reader';
import type { ModelSignature } from '../signature/signature';
import type { Tensor } from '../tensor';
import { type ColumnPlan, planColumns } from './column-plan';
import { CsvReader } from './csv-reader';
import { badRequest, invalidParameter } from './scoring-failure';

const BYTE_ORDER_MARK = '\ufeff';

/** What pandas reads as a missing value; here only where a number or a boolean is due. */
const MISSING_WORDS: ReadonlySet<string> = new Set([
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);

/**
 * Reads `text/csv`: a line with the names of the columns, then one line for each row. An empty cell is a missing value; for a text
 * a quoted empty cell is the empty text, and words like NA stay what they are (pandas makes all of these "nan"). Throws ScoringError
 * or MismatchError; a row with more or fewer cells than the header is refused (pandas fills, or takes the first for an index).
 */
export function readCsv(signature: ModelSignature, body: Uint8Array): readonly Tensor[] {
  if (!isUtf8(body)) throw badRequest('The CSV is not UTF-8. Save it as UTF-8');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  // Excel writes a byte order mark.
  const lines = new CsvReader(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  const names: string[] = [];
  lines.readLine((name) => names.push(name));
  if (names.length === 0)
    throw badRequest('The CSV is empty. Send a line with the names of the columns, then the rows');
  const plan = planColumns(signature, names, { body, cursor: new JsonCursor(new Uint8Array()) });
  const rows = new CsvRows(lines, plan, names, isTextOf(signature)).readAll();
  if (rows === 0) throw invalidParameter('The CSV holds no rows below the names of the columns; send at least one');
  return plan.sink.finish(rows);
}

/** Whether a column of the model is text. */
function isTextOf({ inputs }: ModelSignature): (column: number) => boolean {
  const areText = inputs.map(({ datatype }) => DATATYPES[datatype].kind === 'text');
  return areText.length === 1 ? () => areText[0] as boolean : (column) => areText[column] as boolean;
}

class CsvRows {
  private row = 0;

  constructor(
    private readonly lines: CsvReader,
    private readonly plan: ColumnPlan,
    private readonly names: readonly string[],
    private readonly isText: (column: number) => boolean,
  ) {}

  readAll(): number {
    while (this.readRow()) this.row++;
    return this.row;
  }

  private readRow(): boolean {
    let cells = 0;
    const found = this.lines.readLine((text, quoted, column) => {
      if (column === 0) this.plan.sink.beginRow();
      cells++;
      if (column < this.names.length) this.setCell(text, quoted, column);
    });
    if (found && cells !== this.names.length) {
      throw badRequest(
        `Row ${this.row + 1} of the CSV (line ${this.lines.line}): expected ${this.names.length} cells, got ${cells}`,
      );
    }
    return found;
  }

  private setCell(text: string, quoted: boolean, column: number): void {
    const target = (this.plan.targets as readonly number[])[column] as number;
    if (target < 0) return;
    const { sink } = this.plan;
    try {
      if (isMissing(text, quoted, this.isText(target))) sink.missingCell(target);
      else sink.castCell(target, text);
    } catch (error) {
      if (!(error instanceof ElementError)) throw error;
      const where = `Row ${this.row + 1} of the CSV, column ${column + 1}`;
      throw new MismatchError(`${where}: ${error.detail} (${sink.describe(target)})`, { cause: error });
    }
  }
}

function isMissing(text: string, quoted: boolean, isText: boolean): boolean {
  if (isText) return text === '' && !quoted;
  const trimmed = text.trim();
  return trimmed === '' || MISSING_WORDS.has(trimmed);
}
