import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Changes, ManagedDeployments, Reconciler, Replicas, type ReplicaView } from '@understudy/control';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { describeDeployment } from '../control/describe-deployment';
import { Board } from './board';
import { LiveStatistics } from './live-statistics';
import type { LiveStream } from './live-stream';

const SECOND_MS = 1_000;

/** A load that gets on tells of it many times a second; so long at least lies between two looks. */
const BETWEEN_LOOKS_MS = 100;

/** How long the first answer waits for the database, which knows the other replicas. */
const REPLICAS_MS = 500;

/** What moves all the time and is not worth an event of its own: it is told with the next that is, or after a while. */
const RESTLESS = /"(?:memoryBytes|waitingRequests)":(?:\d+|null)/g;
const RESTLESS_TOLD_EVERY = 10;

/** What was told of a deployment. */
interface Told {
  readonly text: string;
  readonly steady: string;
}

/**
 * Puts on the board what changed, while anybody watches: states as soon as this replica hears of them (a change that another replica
 * makes is announced by the database), and once a second what nobody announces; statistics once a second.
 */
@Injectable()
export class LiveFeed implements OnApplicationBootstrap, OnModuleDestroy {
  readonly board = new Board();
  private readonly streams = new Set<LiveStream>();
  private readonly told = new Map<string, Told>();
  private replicaViews: readonly ReplicaView[] | null = null;
  private watching: AbortController | null = null;
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private lookIsDue = false;

  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly replicas: Replicas,
    private readonly reconciler: Reconciler,
    private readonly changes: Changes,
    private readonly statistics: LiveStatistics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const onHint = (): void => {
      this.lookSoon();
    };
    this.reconciler.onProgress(onHint);
    this.changes.onNews(onHint);
  }

  onModuleDestroy(): void {
    this.watching?.abort();
    this.watching = null;
  }

  /** From now on the stream is told; first what it does not know. Returns how to stop. */
  async add(stream: LiveStream): Promise<() => void> {
    this.streams.add(stream);
    if (this.watching === null) this.watch();
    if (this.replicaViews === null) await this.readReplicasInTime();
    this.look();
    stream.flush();
    stream.ready([...this.told.keys()].filter((name) => stream.isAbout(name)).sort());
    return () => {
      this.streams.delete(stream);
      if (this.streams.size > 0) return;
      this.watching?.abort();
      this.watching = null;
      // How many replicas there are may be another tomorrow.
      this.replicaViews = null;
    };
  }

  private watch(): void {
    this.watching = new AbortController();
    const { signal } = this.watching;
    let looks = 0;
    void this.everySecond(signal, async () => {
      await this.readReplicas();
      if (!signal.aborted) this.look(++looks % RESTLESS_TOLD_EVERY === 0);
    });
    void this.everySecond(signal, () => this.tellStatistics(signal));
  }

  private async everySecond(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        this.logger.debug('What is told live could not be found out', { problem: messageOf(error) });
      }
      await this.clock.sleep(SECOND_MS, signal).catch(() => undefined);
    }
  }

  private lookSoon(): void {
    if (this.lookIsDue || this.watching === null) return;
    this.lookIsDue = true;
    const sinceMs = this.clock.monotonicMs() - this.lookedAtMs;
    // At the earliest when whoever makes the change is done with it: hints come in the middle.
    void this.clock.sleep(Math.max(0, BETWEEN_LOOKS_MS - sinceMs)).then(() => {
      this.lookIsDue = false;
      if (this.watching !== null) this.look();
    });
  }

  /** Compares each deployment that is watched with what was told of it. */
  private look(tellRestless = false): void {
    this.lookedAtMs = this.clock.monotonicMs();
    const names = new Set<string>();
    const replicas = this.replicaViews?.map((view) => (view.self ? this.replicas.own : view)) ?? null;
    for (const managed of this.deployments.all) {
      names.add(managed.name);
      if (!this.isWatched(managed.name)) continue;
      const text = JSON.stringify(describeDeployment(managed, replicas));
      const told = this.told.get(managed.name);
      if (told?.text === text) continue;
      const steady = text.replace(RESTLESS, '');
      if (!tellRestless && told?.steady === steady) continue;
      this.told.set(managed.name, { text, steady });
      this.board.put('deployment', managed.name, text);
    }
    for (const name of this.told.keys()) if (!names.has(name)) this.tellRemoval(name);
    this.flush();
  }

  private tellRemoval(name: string): void {
    this.told.delete(name);
    this.board.put('removed', name, JSON.stringify({ name }));
  }

  private async tellStatistics(signal: AbortSignal): Promise<void> {
    const watched = this.deployments.all.map(({ name }) => name).filter((name) => this.isWatched(name, true));
    this.board.forgetStatistics(new Set(watched));
    for await (const statistics of this.statistics.news(watched)) {
      if (signal.aborted) return;
      if (this.told.has(statistics.deployment))
        this.board.put('statistics', statistics.deployment, JSON.stringify(statistics));
    }
    this.flush();
  }

  private isWatched(deployment: string, statistics = false): boolean {
    for (const stream of this.streams)
      if (stream.isAbout(deployment) && (!statistics || stream.wantsStatistics)) return true;
    return false;
  }

  private flush(): void {
    for (const stream of this.streams) stream.flush();
  }

  private async readReplicas(): Promise<void> {
    this.replicaViews = await this.replicas.list().catch(() => null);
  }

  /** Who begins to watch is not kept waiting by a database that hangs. */
  private async readReplicasInTime(): Promise<void> {
    await Promise.race([this.readReplicas(), this.clock.sleep(REPLICAS_MS)]);
  }
}
