import { badRequest } from './scoring-failure';

/** What a cell of a CSV file says, and whether it stood in quotes. */
export type ReadCell = (text: string, quoted: boolean, column: number) => void;

const QUOTE = 0x22;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads CSV (RFC 4180) line by line: cells between commas, a quoted cell may hold commas, line ends and doubled quotes; lines end
 * with LF, CR LF or CR, the last one may end with nothing. Empty lines are skipped, as pandas does. Throws ScoringError for a quote
 * that is not closed and for text after a closing one.
 */
export class CsvReader {
  private position = 0;
  private lineNumber = 1;
  private startedAt = 1;

  constructor(private readonly text: string) {}

  /** Number of the line where what was read last began, the first being 1. */
  get line(): number {
    return this.startedAt;
  }

  /** Reads the next line that is not empty, cell by cell; false where none is left. */
  readLine(cell: ReadCell): boolean {
    while (this.atLineEnd()) {
      if (this.position >= this.text.length) return false;
      this.skipLineEnd();
    }
    this.startedAt = this.lineNumber;
    let column = 0;
    for (;;) {
      if (this.text.charCodeAt(this.position) === QUOTE) this.readQuoted(cell, column);
      else this.readPlain(cell, column);
      column++;
      if (this.text.charCodeAt(this.position) !== COMMA) break;
      this.position++;
    }
    this.skipLineEnd();
    return true;
  }

  private readPlain(cell: ReadCell, column: number): void {
    const { text } = this;
    const start = this.position;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === LINE_FEED || code === CARRIAGE_RETURN) break;
    }
    this.position = at;
    cell(text.slice(start, at), false, column);
  }

  private readQuoted(cell: ReadCell, column: number): void {
    const { text } = this;
    const openedAt = this.lineNumber;
    let start = this.position + 1;
    let value = '';
    for (;;) {
      const close = text.indexOf('"', start);
      if (close < 0) throw badRequest(`Line ${openedAt} of the CSV opens a quote that is never closed`);
      value += text.slice(start, close);
      this.position = close + 1;
      if (text.charCodeAt(this.position) !== QUOTE) break;
      value += '"';
      start = this.position + 1;
    }
    this.lineNumber += countLineEnds(value);
    if (!this.atLineEnd() && text.charCodeAt(this.position) !== COMMA) {
      throw badRequest(
        `Line ${this.lineNumber} of the CSV has text after a closing quote. Double the quotes within a cell`,
      );
    }
    cell(value, true, column);
  }

  private atLineEnd(): boolean {
    const code = this.text.charCodeAt(this.position);
    return this.position >= this.text.length || code === LINE_FEED || code === CARRIAGE_RETURN;
  }

  private skipLineEnd(): void {
    if (this.position >= this.text.length) return;
    const first = this.text.charCodeAt(this.position++);
    if (first === CARRIAGE_RETURN && this.text.charCodeAt(this.position) === LINE_FEED) this.position++;
    this.lineNumber++;
  }
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
