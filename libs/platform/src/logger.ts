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
    const destination = pino.destination({ dest: 1, sync: false, maxLength: MAX_BUFFERED_LOG_BYTES });
    const logger = Logger.to(destination, level);
    tellDropped(destination, logger);
    return logger;
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

interface DroppingDestination {
  on(event: 'drop' | 'drain', listener: () => void): unknown;
}

/** Says how many lines were dropped, once the reader takes them again. */
function tellDropped(destination: DroppingDestination, logger: Logger): void {
  let dropped = 0;
  destination.on('drop', () => dropped++);
  destination.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    logger.warn('Log lines were dropped because standard output was read too slowly', { lines });
  });
}

function cut(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' && value.length > MAX_FIELD_LENGTH ? `${value.slice(0, MAX_FIELD_LENGTH)}…` : value,
    ]),
  );
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
