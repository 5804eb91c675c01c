import { constants } from 'node:os';
import { type Logger, messageOf } from '@understudy/platform';
import type { Serving } from './stop';

type EndSignal = 'SIGTERM' | 'SIGINT';

/**
 * One Ctrl-C reaches every process of the terminal, and some hand it on: what comes this soon after the first signal is the same
 * wish, not a second one.
 */
const SAME_WISH_MS = 500;

/** How long the last log lines may take to be read. */
const FLUSH_MS = 500;

/**
 * Ends the process when it is told to: at once while it is still starting, in good order once it serves, and at once again when it
 * is told a second time. It listens from the start because the first process of a container is not ended by a signal that it does
 * not listen to.
 */
export class EndOnSignal {
  private serving: Serving | undefined;
  private stoppingSinceMs: number | undefined;

  constructor(private readonly logger: Logger) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        this.on(signal);
      });
  }

  /** From now on a signal stops what is serving in good order. */
  serves(serving: Serving): void {
    this.serving = serving;
  }

  private on(signal: EndSignal): void {
    if (this.serving === undefined) {
      this.logger.info('Ended before it served', { signal });
      void this.exit(0);
    } else if (this.stoppingSinceMs === undefined) {
      this.stoppingSinceMs = performance.now();
      this.logger.info('Stopping: requests under way are finished first', { signal });
      void this.stop(this.serving);
    } else if (performance.now() - this.stoppingSinceMs > SAME_WISH_MS) {
      this.logger.warn('Told to end a second time: ending at once, requests under way are cut', { signal });
      void this.exit(128 + constants.signals[signal]);
    }
  }

  private async stop(serving: Serving): Promise<void> {
    try {
      await serving.stop();
    } catch (error) {
      this.logger.error('The server did not stop cleanly', { problem: messageOf(error) });
    }
    await this.exit(0);
  }

  /** Writes the last log lines if anybody reads them, and ends the process. Runners see it and end too. */
  private async exit(code: number): Promise<void> {
    await this.logger.close(FLUSH_MS).catch(() => undefined);
    process.exit(code);
  }
}
