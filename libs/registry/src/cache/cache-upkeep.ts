import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { ModelCache } from './model-cache';

/** Far below the hour after which processes on other machines take this one for gone. */
const EVERY_MS = 60_000;

/** Keeps the model cache up while the server runs, and leaves it to others when it stops. */
@Injectable()
export class CacheUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private work: Promise<void> = Promise.resolve();
  private lastProblem: string | null = null;

  constructor(
    private readonly cache: ModelCache,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.work = this.keepUp();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.work;
    // Who gives no sign any more is taken for gone all the same.
    await this.cache.letGo().catch(() => undefined);
  }

  private async keepUp(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.clock.sleep(EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.cache.keepUp().then(this.recovered, this.report);
    }
  }

  private readonly recovered = (): void => {
    this.lastProblem = null;
  };

  /** Once for each problem that lasts. */
  private readonly report = (error: unknown): void => {
    const problem = messageOf(error);
    if (problem !== this.lastProblem) this.logger.warn('The model cache could not be kept up', { problem });
    this.lastProblem = problem;
  };
}
