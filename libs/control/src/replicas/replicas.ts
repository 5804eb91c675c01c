import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, isProcessAlive, Logger, messageOf } from '@understudy/platform';
import { type DeploymentReport, type ReplicaRecord, ReplicaStore, StoreSettings } from '@understudy/store';
import { type ManagedDeployment, SLOTS } from '../managed-deployment';
import { ManagedDeployments } from '../managed-deployments';
import { DatabaseWatch } from '../record/database-watch';
import { Reconciler } from '../reconcile/reconciler';
import { ReplicaIdentity } from './replica-identity';
import { LIVE_FOR_MS } from './who-is-not-ready';

const HEARTBEAT_MS = 1_000;

export interface ReplicaView extends ReplicaRecord {
  readonly live: boolean;
  readonly self: boolean;
  /** The deployments in which it is not where it is wanted. */
  readonly behind: readonly { readonly deployment: string; readonly generation: number; readonly wanted: number }[];
}

/** Tells the others what this replica has reached, once a second and at every change, and what they have told. */
@Injectable()
export class Replicas implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private news = new AbortController();
  private reporting: Promise<void> = Promise.resolve();
  private told = '';

  constructor(
    private readonly store: ReplicaStore,
    private readonly settings: StoreSettings,
    private readonly self: ReplicaIdentity,
    private readonly deployments: ManagedDeployments,
    private readonly reconciler: Reconciler,
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // One server only has an embedded database: nobody listens, and a write each second would hold up predictions.
    if (this.settings.place.kind === 'embedded') return;
    this.reconciler.onProgress(() => {
      this.news.abort();
    });
    this.reporting = this.reportUntilStopped();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.reporting;
    if (this.settings.place.kind === 'embedded' || !this.database.isUp) return;
    await this.store.forget(this.self.id).catch(() => undefined);
  }

  /** All that were heard of in the last day, the latest start first. Throws DomainError `database-unavailable`. */
  async list(): Promise<readonly ReplicaView[]> {
    const listed = this.settings.place.kind === 'embedded' ? [] : await this.database.watch(() => this.store.list());
    const others = listed.filter(({ id }) => id !== this.self.id).map((record) => this.view(record, false));
    return [this.own, ...others];
  }

  /** This one, up to this moment; the others are as they were when they last told. */
  get own(): ReplicaView {
    const { id, host, pid, release, startedAt } = this.self;
    const deployments = this.report();
    return this.view({ id, host, pid, release, startedAt, deployments, heartbeatAt: this.clock.now(), ageMs: 0 }, true);
  }

  /** The generation that each deployment is wanted at. */
  get wanted(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.deployments.all.map(({ name, wanted }) => [name, wanted?.generation ?? 0]));
  }

  private view(record: ReplicaRecord, self: boolean): ReplicaView {
    const reached = new Map(record.deployments.map(({ name, generation }) => [name, generation]));
    const behind = Object.entries(this.wanted)
      .map(([deployment, wanted]) => ({ deployment, generation: reached.get(deployment) ?? 0, wanted }))
      .filter(({ generation, wanted }) => generation !== wanted);
    return { ...record, behind, self, live: self || record.ageMs <= LIVE_FOR_MS };
  }

  private async reportUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    await this.forgetOwnPast();
    let dueMs = 0;
    while (!signal.aborted) {
      this.news = new AbortController();
      const deployments = this.report();
      const text = JSON.stringify(deployments);
      // Progress that changes nothing that is told is no news.
      if (text !== this.told || this.clock.monotonicMs() >= dueMs) {
        await this.tell(deployments, text);
        dueMs = this.clock.monotonicMs() + HEARTBEAT_MS;
      }
      await this.clock.sleep(HEARTBEAT_MS, AbortSignal.any([signal, this.news.signal])).catch(() => undefined);
    }
  }

  private async tell(deployments: readonly DeploymentReport[], text: string): Promise<void> {
    const { id, host, pid, release, startedAt } = this.self;
    try {
      await this.database.watch(() => this.store.report({ id, host, pid, release, startedAt, deployments }));
      this.told = text;
    } catch (error) {
      this.logger.debug('The heartbeat could not be written', { problem: messageOf(error) });
      await this.clock.sleep(HEARTBEAT_MS / 4, this.stopping.signal).catch(() => undefined);
    }
  }

  /** What was killed on this host cannot take its leave; until its heartbeat is old, promotions would wait for it. */
  private async forgetOwnPast(): Promise<void> {
    try {
      const past = (await this.store.list()).filter(
        ({ id, host, pid }) => host === this.self.host && id !== this.self.id && !isProcessAlive(pid),
      );
      for (const { id } of past) await this.store.forget(id);
    } catch (error) {
      this.logger.debug('Earlier replicas of this host could not be looked for', { problem: messageOf(error) });
    }
  }

  private report(): DeploymentReport[] {
    return this.deployments.all.map((managed) => ({
      name: managed.name,
      generation: managed.reached,
      slots: SLOTS.map((slot) => describeSlot(managed, slot)),
    }));
  }
}

function describeSlot({ served }: ManagedDeployment, slot: (typeof SLOTS)[number]): DeploymentReport['slots'][number] {
  const held = served.held[slot];
  return { slot, version: held?.identity.uri ?? null, health: held === null ? 'empty' : held.runner.status.state };
}
