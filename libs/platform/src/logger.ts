import { Injectable, type LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogSettings } from './configuration/configuration';
import { LogOutput } from './log-output';

/** Longest text and list in a log line, and how deep it is looked into, so that a hostile value cannot make a line of megabytes. */
const MAX_FIELD_LENGTH = 4096;
const MAX_ITEMS = 100;
const MAX_DEPTH = 4;

/** Control characters that JSON lets pass and terminals obey (the second half of ANSI's), and line ends of Unicode. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;
/** With those that JSON escapes, for texts in lines that are no JSON. */
// eslint-disable-next-line no-control-regex -- they are what it is about
const ALL_CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs: one JSON object a line. Inject this; Nest itself logs through {@link NestLogger}. */
@Injectable()
export class Logger {
  private constructor(
    private readonly pino: PinoLogger,
    private readonly output?: LogOutput,
  ) {}

  /** JSON for programs; on a terminal, or where the settings say so, lines for people. */
  static async toStandardOutput({ level, format }: LogSettings): Promise<Logger> {
    if (format === 'text') {
      const { default: pretty } = await import('pino-pretty');
      return Logger.to(
        pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true }),
        level,
      );
    }
    const output = new LogOutput();
    const logger = new Logger(toPino(output, level), output);
    logger.tellOfDropped(output);
    return logger;
  }

  static to(destination: DestinationStream, level: string): Logger {
    return new Logger(toPino(destination, level));
  }

  static silent(): Logger {
    return new Logger(pino({ level: 'silent' }));
  }

  /** Lines that were left out because nobody read standard output fast enough. */
  get droppedLines(): number {
    return this.output?.droppedLines ?? 0;
  }

  error(message: string, fields: LogFields = {}): void {
    this.write('error', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.write('warn', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.write('info', message, fields);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.write('debug', message, fields);
  }

  /** Writes what is still buffered, for at most so long, and logs no more; call before the process exits. */
  async close(withinMs: number): Promise<void> {
    await this.output?.close(withinMs);
  }

  private write(level: 'error' | 'warn' | 'info' | 'debug', message: string, fields: LogFields): void {
    if (this.pino.isLevelEnabled(level)) this.pino[level](harmless(fields, 0), harmlessText(message, ALL_CONTROLS));
  }

  private tellOfDropped(output: LogOutput): void {
    let told = 0;
    output.onWritten(() => {
      const lines = output.droppedLines - told;
      if (lines === 0) return;
      told += lines;
      this.warn('Log lines were left out: nobody read them fast enough', { lines });
    });
  }
}

const toPino = (destination: DestinationStream, level: string): PinoLogger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);

function harmless(value: object, depth: number): object;
function harmless(value: unknown, depth: number): unknown;
function harmless(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return harmlessText(value, CONTROLS);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => harmless(item, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([key, inner]) => [harmlessText(key, CONTROLS), harmless(inner, depth + 1)] as const),
  );
}

/** A token's secret, wherever it came from: somebody may send one as a path or as a name. */
const TOKEN_SECRET = /(ust_[0-9a-f]{16}_)[\w-]{43}/g;
const TOKEN_LENGTH = 64;

/** Cut, without secrets of tokens, and without what could act on a terminal or start a new line. */
function harmlessText(text: string, controls: RegExp): string {
  // A token that the cut would go through is still seen whole.
  const known = text.slice(0, MAX_FIELD_LENGTH + TOKEN_LENGTH).replace(TOKEN_SECRET, '$1(hidden)');
  const isCut = text.length > MAX_FIELD_LENGTH || known.length > MAX_FIELD_LENGTH;
  const short = isCut ? `${known.slice(0, MAX_FIELD_LENGTH)}…` : known;
  return short.replace(controls, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Sends what Nest itself says into the structured log. Its start-up chatter is debug; its warnings and errors stay what they are. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(String(message), contextOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = message instanceof Error ? { stack: message.stack } : {};
    this.logger.error(message instanceof Error ? message.message : String(message), { ...fields, ...contextOf(rest) });
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(String(message), contextOf(rest));
  }
}

function contextOf(rest: readonly unknown[]): LogFields {
  const context = rest.at(-1);
  return typeof context === 'string' ? { context } : {};
}
