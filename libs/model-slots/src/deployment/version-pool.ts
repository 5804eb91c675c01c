import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { declaredAs } from '@understudy/inference';
import { Clock, DomainError, Logger, ModelSlotsSettings } from '@understudy/platform';
import type { FetchedVersion, ResolvedVersion } from '@understudy/registry';
import { ModelRunner } from '../runner/model-runner';
import type { LoadStep } from '../runner/runner-messages';
import type { LoadOutcome } from '../runner/runner-process';
import { RunnerSockets } from '../runner/runner-sockets';
import { sensibleMemoryBytes } from '../runner/sensible-memory';
import { type RunnerSettings, runnerSettingsKey } from './deployment-settings';
import { LoadedVersion } from './loaded-version';

/** How long requests under way may take when their runner is no longer needed. */
const DRAIN_MS = 30_000;

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
  private readonly ending = new Set<Promise<void>>();

  constructor(
    private readonly settings: ModelSlotsSettings,
    private readonly sockets: RunnerSockets,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  /**
   * Loads the version, or shares the one that is loaded. Every successful call is matched by one {@link release}.
   * Throws DomainError `model-load-failed` or `model-load-timeout`.
   */
  async acquire(
    resolved: ResolvedVersion,
    fetched: FetchedVersion,
    onStep: (step: LoadStep) => void,
    settings: RunnerSettings = {},
  ): Promise<LoadedVersion> {
    const key = `${resolved.uri}\n${fetched.digest}\n${runnerSettingsKey(settings)}`;
    const known = this.entries.get(key);
    const entry = known ?? { version: this.load(resolved, fetched, onStep, settings), holders: 0 };
    entry.holders++;
    this.entries.set(key, entry);
    try {
      const version = await entry.version;
      // A runner that gave up is of no use to a newcomer; who holds it still keeps it.
      if (version.runner.status.state !== 'failed') {
        this.held.set(version, entry);
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
    const end = version.runner.end(DRAIN_MS).finally(() => this.ending.delete(end));
    this.ending.add(end);
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
          threads: settings.threads ?? this.settings.runnerThreads ?? sensibleThreads(),
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
      { uri, name, version, digest: fetched.digest },
      runner,
      mlModel?.classNames ?? runner.facts.classNames,
      declaredAs(mlModel?.signature),
      bytes,
      this.clock.now(),
      Math.round(this.clock.monotonicMs() - startedMs),
      settings,
    );
  }
}

/** Half of the cores: current and next compute at the same time during a rollout. */
function sensibleThreads(): number {
  return Math.max(1, Math.floor(availableParallelism() / 2));
}

function examplePathOf({ mlModel, files, directory }: FetchedVersion): string | null {
  const path = mlModel?.examplePath;
  return path && files.some((file) => file.path === path) ? join(directory, path) : null;
}

function loadFailed(uri: string, outcome: Extract<LoadOutcome, { ok: false }>): DomainError {
  const code = outcome.reason === 'timeout' ? 'model-load-timeout' : 'model-load-failed';
  return new DomainError(code, `${uri} could not be loaded (step ${outcome.step}): ${outcome.problem}`, {
    step: outcome.step,
  });
}
