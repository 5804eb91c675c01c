import { isDeepStrictEqual } from 'node:util';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Deployments, VersionLoader } from '@understudy/model-slots';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { ChangeFeed, type DeploymentRecord, DeploymentStore } from '@understudy/store';
import { Changes } from '../changes/changes';
import { History } from '../changes/history';
import type { ManagedDeployment } from '../managed-deployment';
import { ManagedDeployments } from '../managed-deployments';
import { DatabaseWatch } from '../record/database-watch';
import { Convergence } from './convergence';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Keeps this replica at what the store wants: reads it at the start and whenever it changed, and lets each deployment converge. It
 * is the only way by which changes of other replicas arrive.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly convergences = new Map<ManagedDeployment, Convergence>();
  private readonly stopping = new AbortController();
  private readonly progress = new Set<() => void>();
  private unsubscribe: () => void = () => undefined;
  private reading: Promise<void> | null = null;
  private isStale = true;
  private hasReadOnce = false;

  constructor(
    private readonly store: DeploymentStore,
    private readonly feed: ChangeFeed,
    private readonly deployments: ManagedDeployments,
    private readonly served: Deployments,
    private readonly loader: VersionLoader,
    private readonly changes: Changes,
    private readonly history: History,
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Whether the store was read since the start: before, nobody knows what is wanted. */
  get knowsWanted(): boolean {
    return this.hasReadOnce;
  }

  onApplicationBootstrap(): void {
    this.unsubscribe = this.feed.subscribe(() => {
      this.wake();
    });
    this.served.onServedChange(() => {
      this.tellProgress();
    });
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    this.stopping.abort(new Error('the server is stopping'));
    await this.reading;
    await Promise.all([...this.convergences.values()].map((convergence) => convergence.stop()));
  }

  /** Calls the listener when wanted or served states changed. */
  onProgress(listener: () => void): void {
    this.progress.add(listener);
  }

  /** Reads the store again. */
  wake(): void {
    this.isStale = true;
    if (this.stopping.signal.aborted) return;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
  }

  /** Lets a deployment get to what is wanted of it, as far as is known. */
  converge(managed: ManagedDeployment): void {
    if (this.stopping.signal.aborted) return;
    let convergence = this.convergences.get(managed);
    if (convergence === undefined) {
      const { loader, changes, clock, logger } = this;
      const onProgress = (): void => {
        this.tellProgress();
      };
      convergence = new Convergence(managed, { loader, changes, clock, logger, onProgress });
      this.convergences.set(managed, convergence);
    }
    if (managed.isConverged) managed.problems.clear();
    else convergence.wake();
    this.tellProgress();
  }

  private async read(): Promise<void> {
    const { signal } = this.stopping;
    for (let pauseMs = FIRST_PAUSE_MS; this.isStale && !signal.aborted;) {
      this.isStale = false;
      const before = this.revisions();
      try {
        this.follow(await this.database.watch(() => this.store.readAll()), before);
        this.hasReadOnce = true;
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        this.isStale = true;
        this.logger.debug('What is wanted could not be read', { problem: messageOf(error) });
        await this.clock.sleep(pauseMs, signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private revisions(): ReadonlyMap<ManagedDeployment, number> {
    return new Map(this.deployments.all.map((managed) => [managed, managed.revision]));
  }

  private follow(records: readonly DeploymentRecord[], before: ReadonlyMap<ManagedDeployment, number>): void {
    const wanted = new Map(records.map((record) => [record.name, record]));
    for (const name of wanted.keys()) this.deployments.ensure(name);
    for (const managed of new Set([...this.deployments.all, ...this.named(wanted.keys())])) {
      if (managed.unrecordedRollbacks > 0) continue;
      // Changed here while the store was being read: what was read may be older.
      if (managed.revision !== (before.get(managed) ?? 0)) {
        this.isStale = true;
        continue;
      }
      this.followOne(managed, wanted.get(managed.name) ?? null);
    }
  }

  private named(names: Iterable<string>): ManagedDeployment[] {
    return [...names].map((name) => this.deployments.ensure(name));
  }

  private followOne(managed: ManagedDeployment, record: DeploymentRecord | null): void {
    if (!isDeepStrictEqual(managed.wanted, record)) {
      managed.want(record);
      if (record !== null) this.learnWho(managed);
    }
    if (record === null) {
      this.deployments.remove(managed);
      this.convergences.delete(managed);
    } else {
      this.converge(managed);
    }
  }

  private learnWho(managed: ManagedDeployment): void {
    this.history
      .lastChange(managed.name)
      .then((change) => {
        managed.lastChange = change;
        this.tellProgress();
      })
      .catch((error: unknown) => {
        this.logger.debug('The last change could not be read', { problem: messageOf(error) });
      });
  }

  private tellProgress(): void {
    for (const listener of this.progress) listener();
  }
}
