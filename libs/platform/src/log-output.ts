import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type DestinationStream } from 'pino';

/** Bytes of log lines kept in memory while the reader of standard output is slow; what comes after is dropped, never waited for. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** Standard output for log lines. Whoever does not read it holds up nothing: lines beyond a bound are dropped and counted. */
export class LogOutput implements DestinationStream {
  private readonly output = pino.destination({ dest: 1, sync: false, maxLength: MAX_BUFFERED_BYTES });
  private dropped = 0;
  private hasUnwritten = false;

  constructor() {
    this.output.on('drop', () => {
      this.dropped++;
    });
    this.output.on('drain', () => {
      this.hasUnwritten = false;
    });
  }

  /** Lines that were left out. */
  get droppedLines(): number {
    return this.dropped;
  }

  write(line: string): void {
    this.hasUnwritten = true;
    this.output.write(line);
  }

  /** Calls the listener each time that everything is written. */
  onWritten(listener: () => void): void {
    this.output.on('drain', listener);
  }

  /**
   * Writes what is left, for at most so long, and takes no more. What nobody reads is given up: at its end the process would wait for
   * the reader, for ever.
   */
  async close(withinMs: number): Promise<void> {
    const written = new AbortController();
    this.onWritten(() => {
      written.abort();
    });
    if (this.hasUnwritten) await sleep(withinMs, undefined, { signal: written.signal }).catch(() => undefined);
    if (this.hasUnwritten) this.output.destroy();
  }
}
