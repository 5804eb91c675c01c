import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, isDomainError, Logger, messageOf, ModelSlotsSettings } from '@understudy/platform';
import { Deployments } from './deployments';

/** Pauses between looks for the first version: soon at first, then not a burden to the registry. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

const CONTEXT = { requestId: 'start' };

/**
 * Fills the empty slots of the default deployment with the version of UNDERSTUDY_MODEL_URI. While the registry does not have it,
 * or is not there, the server runs without and this keeps looking.
 */
@Injectable()
export class FirstVersion implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private search: Promise<void> = Promise.resolve();
  private lastProblem: string | null = null;

  constructor(
    private readonly settings: ModelSlotsSettings,
    private readonly deployments: Deployments,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** What is looked for and why it is not there yet; null once the slots are filled. */
  get missing(): { readonly modelUri: string; readonly problem: string } | null {
    if (this.isFilled) return null;
    return { modelUri: this.settings.initialModelUri, problem: this.lastProblem ?? 'it is being loaded' };
  }

  onApplicationBootstrap(): void {
    this.search = this.fill();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.search;
  }

  private get isFilled(): boolean {
    const { current, next } = this.deployments.default.state;
    return current !== null && next !== null;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async fill(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.isFilled && !this.isStopping()) {
      try {
        await this.deployments.default.load(this.settings.initialModelUri, 'fill', CONTEXT, this.stopping.signal);
      } catch (error) {
        if (this.isStopping()) return;
        this.report(error);
        await this.clock.sleep(pauseMs, this.stopping.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    if (this.isFilled) this.logger.info('The first version is in place', { modelUri: this.settings.initialModelUri });
  }

  private report(error: unknown): void {
    const problem = messageOf(error);
    if (problem === this.lastProblem) return;
    this.lastProblem = problem;
    const fields = isDomainError(error) ? { code: error.code } : { stack: (error as Error).stack };
    this.logger.warn('The first version cannot be loaded yet; still looking', {
      modelUri: this.settings.initialModelUri,
      problem,
      ...fields,
    });
  }
}
