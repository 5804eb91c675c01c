import type { Clock, Logger } from '@understudy/platform';
import type { Arm } from './arm';

/** Under overload every prediction is slow: one line a second says it as well as thousands. */
const PAUSE_MS = 1000;

/** Says which predictions were slow. */
export class SlowPredictions {
  private quietUntilMs = Number.NEGATIVE_INFINITY;
  private unsaid = 0;

  constructor(
    /** 0 says nothing. */
    private readonly thresholdMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  ended(arm: Arm, ms: number, requestId: string | undefined): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.quietUntilMs) {
      this.unsaid++;
      return;
    }
    const fields = { ...arm.name, requestId, ms: Math.round(ms), alsoSlowSinceTheLastLine: this.unsaid };
    this.logger.info('A prediction was slow', fields);
    this.quietUntilMs = nowMs + PAUSE_MS;
    this.unsaid = 0;
  }
}
