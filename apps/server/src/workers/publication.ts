import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Deployments, type LoadedVersion, type PoolObserver, takeSnapshot, VersionPool } from '@understudy/model-slots';
import { Clock } from '@understudy/platform';
import { type TokenSnapshot, TokenVerifier } from '@understudy/store';
import type { ToWorkers } from './topics';
import { WorkerFleet } from './worker-fleet';
import type { WorkerProcess } from './worker-process';

/** A worker that has not taken over a snapshot after this is ended: it would go on answering from an older state. */
const ACKNOWLEDGE_WITHIN_MS = 5_000;

/** What a worker is known to have. */
interface Told {
  /** The newest revision that it took over. */
  applied: number;
  /** Whether it answers. It begins with the newest revision of that moment. */
  isLive: boolean;
  /** Versions that it may have requests at. */
  readonly holds: Set<number>;
}

/**
 * Keeps the workers' copies of what is served and of the tokens up to date, and knows how far each has come: a change is acknowledged when all of them
 * answer by it, a runner ends when none of them needs it any more.
 */
@Injectable()
export class Publication implements OnApplicationBootstrap, PoolObserver {
  private readonly told = new Map<number, Told>();
  private snapshot = takeSnapshot(0, []);
  private content = '';
  private tokens: TokenSnapshot;
  private isScheduled = false;
  /** Called whenever a worker has said something or ended. */
  private readonly lookers = new Set<() => void>();

  constructor(
    private readonly deployments: Deployments,
    private readonly pool: VersionPool,
    private readonly fleet: WorkerFleet,
    private readonly verifier: TokenVerifier,
    private readonly clock: Clock,
  ) {
    this.tokens = verifier.snapshot;
  }

  onApplicationBootstrap(): void {
    this.pool.watch(this);
    this.deployments.onServedChange(() => {
      this.changed();
    });
    this.verifier.onRead(() => {
      this.publish();
    });
    this.fleet.watch(
      (worker) => {
        this.welcome(worker);
      },
      (worker) => {
        this.forget(worker);
      },
    );
    this.fleet.on('applied', ({ revision }, worker) => {
      const told = this.told.get(worker);
      if (told === undefined) return;
      told.applied = revision;
      if (!told.isLive && revision === this.snapshot.revision) {
        told.isLive = true;
        this.fleet.ready(worker);
      }
      this.wake();
    });
    this.fleet.on('released', ({ version }, worker) => {
      this.told.get(worker)?.holds.delete(version);
      this.wake();
    });
    this.fleet.on('runner', ({ version, report }) => {
      this.loaded(version)?.runner.take(report);
    });
    this.fleet.on('waiting', (waiting, worker) => {
      for (const [version, requests] of waiting)
        this.loaded(version)?.runner.setWaitingElsewhere(String(worker), requests);
    });
    this.publish();
  }

  changed(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.publish();
    });
  }

  async letGo(version: LoadedVersion, withinMs: number): Promise<void> {
    this.publish();
    await this.until(() => [...this.told.values()].every(({ holds }) => !holds.has(version.id)), withinMs);
  }

  /** Resolves when every worker answers by what is served now. One that does not get there in time is ended. */
  async settled(): Promise<void> {
    this.publish();
    const { revision } = this.snapshot;
    const isLate = ([, { applied, isLive }]: [number, Told]): boolean => isLive && applied < revision;
    if (await this.until(() => ![...this.told].some(isLate), ACKNOWLEDGE_WITHIN_MS)) return;
    for (const [worker] of [...this.told].filter(isLate))
      this.fleet.end(worker, `it did not take over a change within ${ACKNOWLEDGE_WITHIN_MS} ms`);
    await this.until(() => ![...this.told].some(isLate), ACKNOWLEDGE_WITHIN_MS);
  }

  private get state(): ToWorkers['state'] {
    return { serving: this.snapshot, tokens: this.tokens.tokens };
  }

  /** Tells the workers what is served and who may ask, if that has changed. */
  private publish(): void {
    const { versions, deployments } = takeSnapshot(0, this.deployments.all);
    const content = JSON.stringify([versions, deployments]);
    const tokens = this.verifier.snapshot;
    if (content === this.content && tokens === this.tokens) return;
    this.content = content;
    this.tokens = tokens;
    this.snapshot = { revision: this.snapshot.revision + 1, versions, deployments };
    for (const { holds } of this.told.values()) for (const { id } of versions) holds.add(id);
    this.fleet.broadcast('state', this.state);
  }

  private welcome(worker: WorkerProcess): void {
    this.told.set(worker.id, { applied: 0, isLive: false, holds: new Set(this.snapshot.versions.map(({ id }) => id)) });
    worker.send('state', this.state);
  }

  private forget(worker: number): void {
    this.told.delete(worker);
    for (const { id } of this.snapshot.versions) this.loaded(id)?.runner.setWaitingElsewhere(String(worker), 0);
    this.wake();
  }

  private loaded(id: number): LoadedVersion | undefined {
    for (const { held } of this.deployments.all)
      for (const version of [held.current, held.next, held.previous]) if (version?.id === id) return version;
    return undefined;
  }

  /** Resolves to whether `condition` came true in time. It is looked at when a worker says something or ends. */
  private async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    if (condition()) return true;
    const over = new AbortController();
    let look = (): void => undefined;
    const met = new Promise<boolean>((resolve) => {
      look = () => {
        if (condition()) resolve(true);
      };
    });
    this.lookers.add(look);
    const late = this.clock.sleep(withinMs, over.signal).then(
      () => false,
      () => false,
    );
    const came = await Promise.race([met, late]);
    over.abort();
    this.lookers.delete(look);
    return came;
  }

  private wake(): void {
    for (const look of this.lookers) look();
  }
}
