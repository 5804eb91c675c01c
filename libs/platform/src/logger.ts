import { Injectable, type LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogSettings } from './configuration/configuration';

/** Bytes of log lines kept in memory while the reader of standard output is slow; what comes after is dropped, never waited for. */
const MAX_BUFFERED_LOG_BYTES = 8 * 1024 * 1024;

/** Longest text in a log line, so that a hostile value cannot make a line of megabytes. */
const MAX_FIELD_LENGTH = 4096;

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs: one JSON object a line. Inject this; Nest itself logs through {@link NestLogger}. */
@Injectable()
export class Logger {
  private constructor(private readonly pino: PinoLogger) {}

  /** JSON for programs; on a terminal, or where the settings say so, lines for people. */
  static async toStandardOutput({ level, format }: LogSettings): Promise<Logger> {
    if (format === 'text') {
      const { default: pretty } = await import('pino-pretty');
      return Logger.to(
        pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true }),
        level,
      );
    }
    return Logger.to(pino.destination({ dest: 1, sync: false, maxLength: MAX_BUFFERED_LOG_BYTES }), level);
  }

  static to(destination: DestinationStream, level: string): Logger {
    return new Logger(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination));
  }

  static silent(): Logger {
    return new Logger(pino({ level: 'silent' }));
  }

  error(message: string, fields: LogFields = {}): void {
    this.pino.error(cut(fields), message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.pino.warn(cut(fields), message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(cut(fields), message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.pino.debug(cut(fields), message);
  }

  /** Writes what is still buffered; call before the process exits. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.pino.flush(() => {
        resolve();
      });
    });
  }
}

/** A token's secret, wherever it came from: somebody may send one as a path or as a name. */
const TOKEN_SECRET = /(ust_[0-9a-f]{16}_)[\w-]{43}/g;

function cut(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cutText(value) : value]),
  );
}

function cutText(text: string): string {
  const known = text.includes('ust_') ? text.replace(TOKEN_SECRET, '$1(hidden)') : text;
  return known.length > MAX_FIELD_LENGTH ? `${known.slice(0, MAX_FIELD_LENGTH)}…` : known;
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
