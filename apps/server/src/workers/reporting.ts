import type { MirroredDeployments } from '@understudy/model-slots';
import { CountsToHandOver } from '../observation/counted-elsewhere';
import { PredictionCounters } from '../observation/prediction-counters';
import type { PredictionObserver } from '../observation/prediction-observer';
import type { ControlLink } from './control-link';
import type { MirroredTokens } from './mirrored-tokens';

/** How often the control process hears what was counted here; so much of it a worker that is killed takes along. */
const REPORT_PERIOD_MS = 1_000;
/** How often it hears how many requests wait here, if that has changed. */
const WAITING_PERIOD_MS = 250;

/** Tells the control process what happens in this worker. */
export class Reporting {
  private readonly counts: CountsToHandOver | undefined;
  private lastWaiting = '';

  constructor(
    private readonly deployments: MirroredDeployments,
    observer: PredictionObserver,
    private readonly tokens: MirroredTokens,
    private readonly link: ControlLink,
  ) {
    this.counts = observer instanceof PredictionCounters ? new CountsToHandOver(observer) : undefined;
  }

  begin(): void {
    setInterval(() => {
      void this.report();
    }, REPORT_PERIOD_MS).unref();
    setInterval(() => {
      this.tellWaiting();
    }, WAITING_PERIOD_MS).unref();
  }

  /** Resolves when what was counted up to now is on its way and survives this process. */
  async report(): Promise<void> {
    const counted = this.counts?.take();
    const usedTokens = this.tokens.takeUsed();
    if (counted !== undefined || usedTokens.length > 0) await this.link.send('report', { counted, usedTokens });
  }

  private tellWaiting(): void {
    const waiting = this.deployments.waitingRequests;
    const now = JSON.stringify([...waiting]);
    if (now !== this.lastWaiting) void this.link.send('waiting', waiting);
    this.lastWaiting = now;
  }
}
