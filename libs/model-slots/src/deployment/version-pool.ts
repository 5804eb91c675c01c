import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { declaredAs } from '@understudy/inference';
import { Clock, DomainError, Logger, ModelSlotsSettings } from '@understudy/platform';
import type { FetchedVersion, ResolvedVersion } from '@understudy/registry';
import { type ExecutionSettings, type ExecutionWishes, resolveExecution } from '../execution/execution-settings';
import { MemoryPressure } from '../runner/memory-pressure';
import { ModelRunner } from '../runner/model-runner';
import type { LoadStep, OptimizedGraphs } from '../runner/runner-messages';
import type { LoadOutcome } from '../runner/runner-process';
import { RunnerSockets } from '../runner/runner-sockets';
import { sensibleMemoryBytes } from '../runner/sensible-memory';
import { WaitingRoom } from '../runner/waiting-room';
import { type RunnerSettings, runnerSettingsKey } from './deployment-settings';
import { LoadedVersion } from './loaded-version';

/** How long requests under way may take when their runner is no longer needed. */
const DRAIN_MS = 30_000;

/** Whoever serves from the same runners in other processes. */
export interface PoolObserver {
  /** Slots were flipped, or something of a runner has changed. */
  changed(): void;
  /** Resolves when no other process has requests at the version's runners any more, or `withinMs` have passed. */
  letGo(version: LoadedVersion, withinMs: number): Promise<void>;
}

interface Entry {
  readonly version: Promise<LoadedVersion>;
  holders: number;
}

/**
 * The versions in memory. Slots that hold the same version share one runner; the last one to let go ends it, after its requests.
 */
@Injectable()
export class VersionPool implements OnModuleDestroy {
  /** By what is loaded: whom a further holder shares with. */
  private readonly entries = new Map<string, Entry>();
  private readonly held = new Map<LoadedVersion, Entry>();
  /** What the current of each deployment holds, by the deployment's name. */
  private readonly currents = new Map<string, LoadedVersion>();
  private observer: PoolObserver | undefined;
  private lastId = 0;
  private readonly ending = new Set<Promise<void>>();
  private readonly room: WaitingRoom;

  constructor(
    private readonly settings: ModelSlotsSettings,
    private readonly sockets: RunnerSockets,
    private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly memory: MemoryPressure,
  ) {
    this.room = new WaitingRoom(settings.runnerLimits.maxWaitingBytesInAll);
  }

  /**
   * Loads the version, or shares the one that is loaded and run in the same way. What `settings` leave open the server's settings
   * say, then the version itself. Every successful call is matched by one {@link release}.
   * Throws DomainError `model-load-failed`, `model-load-timeout` or `memory-short`.
   */
  async acquire(
    resolved: ResolvedVersion,
    fetched: FetchedVersion,
    onStep: (step: LoadStep) => void,
    settings: RunnerSettings = {},
  ): Promise<LoadedVersion> {
    const key = `${resolved.uri}\n${fetched.digest}\n${runnerSettingsKey(settings)}`;
    const known = this.entries.get(key);
    if (known === undefined && this.memory.isHigh) throw memoryShort(resolved.uri);
    const entry = known ?? { version: this.load(resolved, fetched, onStep, settings), holders: 0 };
    entry.holders++;
    this.entries.set(key, entry);
    try {
      const version = await entry.version;
      // A runner that gave up is of no use to a newcomer; who holds it still keeps it.
      if (version.runner.status.state !== 'failed') {
        this.held.set(version, entry);
        version.runner.ensureReplicas(this.replicasOf(settings));
        return version;
      }
    } catch (error) {
      this.forget(key, entry);
      throw error;
    }
    entry.holders--;
    this.forget(key, entry);
    return this.acquire(resolved, fetched, onStep, settings);
  }

  /** Holds a version that is held already once more. */
  retain(version: LoadedVersion): void {
    const entry = this.held.get(version);
    if (entry === undefined) throw new Error(`${version.identity.uri} is not held by anybody`);
    entry.holders++;
  }

  release(version: LoadedVersion): void {
    const entry = this.held.get(version);
    if (entry === undefined || --entry.holders > 0) return;
    this.held.delete(version);
    for (const [key, other] of this.entries) if (other === entry) this.entries.delete(key);
    this.logger.info('Ending a runner that no slot needs any more', { version: version.identity.uri });
    const end = this.end(version).finally(() => this.ending.delete(end));
    this.ending.add(end);
  }

  /** From now on `observer` is told what changes, and asked before a runner is ended. */
  watch(observer: PoolObserver): void {
    this.observer = observer;
  }

  /**
   * A deployment's slots were flipped. Where a standby is wanted, the version in its current has one; the version that no current holds
   * any more lets go of its own.
   */
  flipped(deployment: string, current: LoadedVersion | null): void {
    this.observer?.changed();
    if (!this.settings.servingCounts.standby) return;
    const before = this.currents.get(deployment);
    if (current === null) this.currents.delete(deployment);
    else this.currents.set(deployment, current);
    if (before === current) return;
    if (before !== undefined && ![...this.currents.values()].includes(before)) before.runner.setStandby(false);
    current?.runner.setStandby(true);
  }

  async onModuleDestroy(): Promise<void> {
    const loading = [...this.entries.values()].map(({ version }) => version.catch(() => undefined));
    const versions = new Set([
      ...this.held.keys(),
      ...(await Promise.all(loading)).filter((version) => version !== undefined),
    ]);
    this.entries.clear();
    this.held.clear();
    await Promise.all([...this.ending, ...[...versions].map(({ runner }) => runner.end(0))]);
    await this.sockets.remove();
  }

  private async end(version: LoadedVersion): Promise<void> {
    await this.observer?.letGo(version, DRAIN_MS);
    await version.runner.end(DRAIN_MS);
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
  }

  private async load(
    resolved: ResolvedVersion,
    fetched: FetchedVersion,
    onStep: (step: LoadStep) => void,
    settings: RunnerSettings,
  ): Promise<LoadedVersion> {
    const startedMs = this.clock.monotonicMs();
    const { mlModel, directory } = fetched;
    const { runnerLimits: limits } = this.settings;
    const execution = this.executionOf(fetched, settings);
    const runner = new ModelRunner(
      {
        label: resolved.uri,
        program: this.settings.runner,
        command: {
          type: 'load',
          modelPath: join(directory, fetched.onnxPath),
          directory,
          declared: mlModel?.signature,
          featureNames: mlModel?.featureNames,
          examplePath: examplePathOf(fetched),
          execution,
          optimizedGraphs: this.optimizedGraphsOf(fetched),
          maxOutputBytes: limits.maxOutputBytes,
          memoryLimitBytes: limits.memoryBytes ?? sensibleMemoryBytes(),
        },
        newSocketPath: () => this.sockets.newPath(),
        loadTimeoutMs: this.settings.loadTimeoutMs,
        requestTimeoutMs: this.settings.requestTimeoutMs,
        runTimeoutMs: limits.runTimeoutMs,
        queue: {
          requests: settings.maxWaitingRequests ?? limits.maxWaitingRequests,
          rows: settings.maxWaitingRows ?? limits.maxWaitingRows,
          bytes: settings.maxWaitingBytes ?? limits.maxWaitingBytes,
        },
        replicas: this.replicasOf(settings),
        shared: this.settings.servingCounts.workers > 1,
        onChange: () => this.observer?.changed(),
        room: this.room,
        batches: settings.batching ?? true,
      },
      this.logger,
      this.clock,
    );
    const outcome = await runner.start(onStep);
    if (!outcome.ok) throw loadFailed(resolved.uri, outcome);
    const { uri, name, version } = resolved;
    const bytes = fetched.files.reduce((sum, file) => sum + file.bytes, 0);
    return new LoadedVersion(
      ++this.lastId,
      { uri, name, version, digest: fetched.digest },
      runner,
      mlModel?.classNames ?? runner.facts.classNames,
      declaredAs(mlModel?.signature),
      bytes,
      this.clock.now(),
      Math.round(this.clock.monotonicMs() - startedMs),
      execution,
      settings,
      examplePathOf(fetched),
    );
  }

  private replicasOf({ replicas }: RunnerSettings): number {
    return replicas ?? this.settings.servingCounts.replicas;
  }

  private executionOf({ mlModel }: FetchedVersion, wishes: ExecutionWishes): ExecutionSettings {
    const place = { cores: availableParallelism(), otherRunners: this.held.size };
    return resolveExecution([wishes, this.settings.execution, mlModel?.execution ?? {}], place);
  }

  private optimizedGraphsOf({ digest }: FetchedVersion): OptimizedGraphs | null {
    const { dataDirectory, maxOptimizedGraphBytes: maxBytes } = this.settings;
    if (maxBytes === 0) return null;
    return { directory: resolve(dataDirectory, 'optimized-graphs'), version: digest, maxBytes };
  }
}

function examplePathOf({ mlModel, files, directory }: FetchedVersion): string | null {
  const path = mlModel?.examplePath;
  return path && files.some((file) => file.path === path) ? join(directory, path) : null;
}

function memoryShort(uri: string): DomainError {
  return new DomainError(
    'memory-short',
    `${uri} is not loaded now: nine tenths of the memory of this machine or container are in use, and what is served needs the rest. ` +
      'Try again when there is more, or give it more',
  );
}

function loadFailed(uri: string, outcome: Extract<LoadOutcome, { ok: false }>): DomainError {
  const code = outcome.reason === 'timeout' ? 'model-load-timeout' : 'model-load-failed';
  return new DomainError(code, `${uri} could not be loaded (step ${outcome.step}): ${outcome.problem}`, {
    step: outcome.step,
  });
}
