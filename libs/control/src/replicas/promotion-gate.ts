import { Injectable } from '@nestjs/common';
import { Clock, ControlSettings, DomainError } from '@understudy/platform';
import { ReplicaStore, StoreSettings } from '@understudy/store';
import type { VersionRef } from '@understudy/model-slots';
import type { ManagedDeployment } from '../managed-deployment';
import type { TrackedChange } from '../changes/tracked-change';
import { DatabaseWatch } from '../record/database-watch';
import { ReplicaIdentity } from './replica-identity';
import { type Readiness, whoIsNotReady } from './who-is-not-ready';

const LOOK_PERIOD_MS = 100;

/** Holds a promotion back until enough replicas hold next ready: promoted before, they would have nothing to answer with. */
@Injectable()
export class PromotionGate {
  constructor(
    private readonly replicas: ReplicaStore,
    private readonly store: StoreSettings,
    private readonly settings: ControlSettings,
    private readonly self: ReplicaIdentity,
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns once enough hold it. For this replica it only waits while it is loading: whether it may promote is the decision's to say.
   * Throws DomainError `replicas-not-ready`, which names those that are not.
   */
  async wait(managed: ManagedDeployment, next: VersionRef, tracked: TrackedChange): Promise<void> {
    const deadlineMs = this.clock.monotonicMs() + this.settings.promoteWaitMs;
    for (;;) {
      const others = await this.others(managed.name, next.uri);
      const { sufficient } = others;
      const isLoadingHere = !managed.isConverged && managed.served.held.next?.isReady !== true;
      if (sufficient && !isLoadingHere) return;
      if (this.clock.monotonicMs() >= deadlineMs) {
        if (sufficient) return;
        throw notReadyElsewhere(managed.name, next, others);
      }
      tracked.report({ step: 'wait-for-replicas' });
      await this.clock.sleep(LOOK_PERIOD_MS, tracked.signal);
    }
  }

  /** Throws DomainError `replicas-not-ready` where a promotion would have to wait now. */
  async check(deployment: string, next: VersionRef): Promise<void> {
    const others = await this.others(deployment, next.uri);
    if (!others.sufficient) throw notReadyElsewhere(deployment, next, others);
  }

  private async others(deployment: string, versionUri: string): Promise<Readiness> {
    // One server only has an embedded database.
    if (this.store.place.kind === 'embedded') return { live: 1, notReady: [], sufficient: true };
    const listed = await this.database.watch(() => this.replicas.list());
    const others = listed.filter(({ id }) => id !== this.self.id);
    return whoIsNotReady(others, deployment, versionUri, this.settings.promoteShare);
  }
}

function notReadyElsewhere(deployment: string, { uri }: VersionRef, { notReady, live }: Readiness): DomainError {
  return new DomainError(
    'replicas-not-ready',
    `Deployment "${deployment}": ${notReady.length} of ${live} live replicas do not hold next (${uri}) ready: ` +
      `${notReady.join(', ')}. Wait until they do (GET /replicas), or let a smaller share suffice (UNDERSTUDY_PROMOTE_SHARE)`,
    { live, notReady },
  );
}
