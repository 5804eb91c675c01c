import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainError, RegistrySettings } from '@understudy/platform';
import { fetchVersion, type FetchedVersion, findVersion, type FetchProgress } from './cache/fetch-version';
import { ModelCache } from './cache/model-cache';
import { ModelRegistry, type ResolvedVersion } from './model-registry';
import { parseModelUri } from './model-uri';

/** How often one file is asked for again when its transfer breaks half-way. */
const TRANSFER_RETRIES = 2;

/** A version whose files are known by their digest. */
export interface PinnedVersion {
  readonly requestedUri: string;
  readonly uri: string;
  readonly name: string;
  readonly version: string | null;
  readonly digest: string;
}

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
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.settings.fetchTimeoutMs)]);
    return fetchVersion(version, () => this.registry.files(version, bounded), this.cache, {
      maxBytes: this.settings.maxModelBytes,
      retries: TRANSFER_RETRIES,
      signal: bounded,
      onProgress,
    });
  }

  /**
   * The files of exactly this version: from the cache, which needs no registry, else from the registry by the URI that names it.
   * Throws DomainError `version-changed` where the registry now has other files under it, and what {@link fetch} throws.
   */
  async fetchPinned(
    pinned: PinnedVersion,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<FetchedVersion> {
    const { digest, ...version } = pinned;
    const cached = await findVersion({ ...version, filesKey: undefined }, digest, this.cache);
    if (cached !== undefined) return cached;
    const fetched = await this.fetch(await this.resolve(pinned.uri, signal), onProgress, signal);
    if (fetched.digest === digest) return fetched;
    throw new DomainError(
      'version-changed',
      `The registry has other files for ${pinned.uri} than those that were deployed (digest ${fetched.digest}, expected ${digest}), ` +
        'and the cache no longer has those. Load the version again to deploy what it is now',
    );
  }
}
