import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RegistrySettings } from '@understudy/platform';
import {
  fetchVersion,
  type FetchedVersion,
  type FetchOptions,
  type FetchProgress,
  findPinned,
  type PinnedVersion,
} from './cache/fetch-version';
import { ModelCache } from './cache/model-cache';
import { ModelRegistry, type ResolvedVersion } from './model-registry';
import { parseModelUri } from './model-uri';

/** How often one file is asked for again when its transfer breaks half-way. */
const TRANSFER_RETRIES = 2;

/** From a model URI to files on this machine: what loading a version needs of the registry. */
@Injectable()
export class ModelSource implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly cache: ModelCache,
    private readonly settings: RegistrySettings,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.cache.prepare();
  }

  /** Settles which version a model URI names now. Throws DomainError for a URI, model, version or registry that cannot be used. */
  async resolve(modelUri: string, signal: AbortSignal): Promise<ResolvedVersion> {
    return this.registry.resolve(parseModelUri(modelUri), modelUri, signal);
  }

  /** Brings the version's files into the cache. Throws DomainError; nothing half-written stays. */
  async fetch(
    version: ResolvedVersion,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<FetchedVersion> {
    return this.fetchResolved(version, undefined, onProgress, signal);
  }

  /**
   * Brings exactly these bytes to this machine, for a restart and for going back to an earlier state: from the cache, which needs no
   * registry; else from the registry, whose files must have the same digest. Throws DomainError `version-changed` where they do not, and
   * what {@link resolve} and {@link fetch} throw.
   */
  async fetchPinned(
    pinned: PinnedVersion,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<FetchedVersion> {
    const cached = await findPinned(pinned, this.cache);
    if (cached !== undefined) return cached;
    return this.fetchResolved(await this.resolve(pinned.uri, signal), pinned.digest, onProgress, signal);
  }

  private async fetchResolved(
    version: ResolvedVersion,
    digest: string | undefined,
    onProgress: FetchOptions['onProgress'],
    signal: AbortSignal,
  ): Promise<FetchedVersion> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.settings.fetchTimeoutMs)]);
    return fetchVersion(version, () => this.registry.files(version, bounded), this.cache, {
      maxBytes: this.settings.maxModelBytes,
      retries: TRANSFER_RETRIES,
      digest,
      signal: bounded,
      onProgress,
    });
  }
}
