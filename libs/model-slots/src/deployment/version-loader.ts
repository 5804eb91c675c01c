import { Injectable } from '@nestjs/common';
import { type FetchedVersion, ModelSource, type ResolvedVersion } from '@understudy/registry';
import type { DeploymentSettings } from './deployment-settings';
import type { LoadProgress } from './load-progress';
import type { LoadedVersion } from './loaded-version';
import type { VersionRef } from './version-ref';
import { VersionPool } from './version-pool';

/** News of a load under way. */
export type LoadNews = Partial<Pick<LoadProgress, 'step' | 'bytes' | 'totalBytes'>>;

export interface LoadOptions {
  readonly settings: DeploymentSettings;
  readonly onNews: (news: LoadNews) => void;
  /** Gives the load up: what was asked of others is let go of, and the promise rejects with the reason. */
  readonly signal: AbortSignal;
}

/** A version in memory that whoever asked for it holds, and must let go of. */
export interface HeldLoad {
  readonly ref: VersionRef;
  readonly version: LoadedVersion;
}

/** Brings versions into memory, aside of every slot. */
@Injectable()
export class VersionLoader {
  constructor(
    private readonly source: ModelSource,
    private readonly pool: VersionPool,
  ) {}

  /** Settles what the URI names now and loads it. Throws whatever resolving, fetching and loading throw. */
  async load(modelUri: string, options: LoadOptions): Promise<HeldLoad> {
    const { onNews, signal } = options;
    onNews({ step: 'resolve' });
    const resolved = await this.source.resolve(modelUri, signal);
    onNews({ step: 'fetch' });
    const fetched = await this.source.fetch(resolved, onNews, signal);
    const version = await this.acquire(resolved, fetched, options);
    return { ref: { ...version.identity, requestedUri: modelUri }, version };
  }

  /** Loads exactly this version again: from the cache, or from the registry where the cache has lost it. */
  async restore(ref: VersionRef, options: LoadOptions): Promise<HeldLoad> {
    options.onNews({ step: 'fetch' });
    const fetched = await this.source.fetchPinned(ref, options.onNews, options.signal);
    const version = await this.acquire({ ...ref, filesKey: undefined }, fetched, options);
    return { ref, version };
  }

  retain(version: LoadedVersion): LoadedVersion {
    this.pool.retain(version);
    return version;
  }

  release(version: LoadedVersion): void {
    this.pool.release(version);
  }

  /** A runner that is being started cannot be told to stop; who gives up does not wait for it. */
  private async acquire(
    resolved: ResolvedVersion,
    fetched: FetchedVersion,
    { settings, onNews, signal }: LoadOptions,
  ): Promise<LoadedVersion> {
    signal.throwIfAborted();
    const acquired = this.pool.acquire(
      resolved,
      fetched,
      (step) => {
        onNews({ step });
      },
      settings,
    );
    let giveUp: () => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => {
        reject(signal.reason as Error);
      };
    });
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([acquired, givenUp]);
    } catch (error) {
      if (signal.aborted) {
        acquired.then(
          (version) => {
            this.pool.release(version);
          },
          () => undefined,
        );
      }
      throw error;
    } finally {
      // The signal lives on with the change, which is remembered, and would keep the version in memory.
      signal.removeEventListener('abort', giveUp);
    }
  }
}
