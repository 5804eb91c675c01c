import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, isDomainError, Logger, messageOf, ModelSlotsSettings } from '@understudy/platform';
import type { Origin } from '@understudy/store';
import { subjectOf } from './changes/history';
import { DeploymentControl } from './deployment-control';
import { ManagedDeployments } from './managed-deployments';
import { Attempts } from './record/attempts';
import { Reconciler } from './reconcile/reconciler';

/** Pauses between looks for the first version: soon at first, then not a burden to the registry. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

const WAIT_FOR_STORE_MS = 20;

const ORIGIN: Origin = {
  actor: 'understudy',
  tokenId: null,
  address: null,
  requestId: 'start',
  reason: 'first start: UNDERSTUDY_MODEL_URI',
};

/**
 * Fills the slots of the default deployment with the version of UNDERSTUDY_MODEL_URI at the very first start: where the store has
 * nothing in current. While the registry does not have it, or is not there, the server runs without and this keeps looking. Of
 * several replicas that start at once the store lets one fill; the others follow it.
 */
@Injectable()
export class FirstVersion implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private search: Promise<void> = Promise.resolve();
  private lastProblem: string | null = null;

  constructor(
    private readonly settings: ModelSlotsSettings,
    private readonly deployments: ManagedDeployments,
    private readonly control: DeploymentControl,
    private readonly reconciler: Reconciler,
    private readonly attempts: Attempts,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * What is looked for, and why it is not there yet: null while it is being loaded. Null altogether once there is a version, or where the
   * store names another.
   */
  get missing(): { readonly modelUri: string; readonly problem: string | null } | null {
    return this.isFilled() ? null : { modelUri: this.settings.initialModelUri, problem: this.lastProblem };
  }

  onApplicationBootstrap(): void {
    this.search = this.fill();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.search;
  }

  private isFilled(): boolean {
    return (this.deployments.default.wanted?.current ?? null) !== null;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async fill(): Promise<void> {
    await this.untilStoreIsRead();
    if (this.isFilled()) return;
    for (let pauseMs = FIRST_PAUSE_MS; !this.isFilled() && !this.isStopping();) {
      try {
        await this.tryOnce();
      } catch (error) {
        if (this.isStopping()) return;
        await this.report(error);
        await this.clock.sleep(pauseMs, this.stopping.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    if (this.isFilled()) this.logger.info('The first version is in place', { modelUri: this.settings.initialModelUri });
  }

  private async tryOnce(): Promise<void> {
    const options = { origin: ORIGIN, idempotencyKey: undefined, ifMatch: undefined, mustNotExist: false };
    const intent = { kind: 'fill', modelUri: this.settings.initialModelUri } as const;
    await this.control.start(this.deployments.default.name, intent, options).outcome;
  }

  private async untilStoreIsRead(): Promise<void> {
    while (!this.reconciler.knowsWanted && !this.isStopping())
      await this.clock.sleep(WAIT_FOR_STORE_MS, this.stopping.signal).catch(() => undefined);
  }

  private async report(error: unknown): Promise<void> {
    const problem = messageOf(error);
    if (problem === this.lastProblem) return;
    this.lastProblem = problem;
    const fields = isDomainError(error) ? { code: error.code } : { stack: (error as Error).stack };
    this.logger.warn('The first version cannot be loaded yet; still looking', {
      modelUri: this.settings.initialModelUri,
      problem,
      ...fields,
    });
    const subject = subjectOf(this.deployments.default.name);
    await this.attempts.refused({ origin: ORIGIN, action: 'fill', subject }, error);
  }
}
