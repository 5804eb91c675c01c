import type { DeclaredSignature } from '@understudy/inference';
import type { ModelUri } from './model-uri';

/** A version that a model URI was resolved to: immutable from here on, whatever aliases and stages do. */
export interface ResolvedVersion {
  /** The URI as it was asked for. */
  readonly requestedUri: string;
  /** The URI that names exactly this version. */
  readonly uri: string;
  readonly name: string;
  /** Null for a logged model or a run, which have no version number. */
  readonly version: string | null;
  /**
   * Identifies the stored files: two resolutions with the same key mean the same bytes. Undefined where the registry can change
   * files in place.
   */
  readonly filesKey: string | undefined;
}

/** One file of a version: a path relative to the model's folder, with `/` between plain names. */
export interface ModelFile {
  readonly path: string;
  /** Null where the registry does not say. */
  readonly bytes: number | null;
}

/** Reads the files of one version. Paths and sizes come from outside: whoever stores them checks both. */
export interface ModelFiles {
  list(signal: AbortSignal): Promise<readonly ModelFile[]>;
  /** The pieces of a file in order. A piece holds until the next is asked for: whoever keeps it copies it. */
  open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** Why a version cannot be served, or that it can. */
export type Servable =
  | { readonly ok: true }
  /** With the command that makes one that can be served of it, where there is one. */
  | { readonly ok: false; readonly why: string; readonly command?: string };

export interface RegisteredModel {
  readonly name: string;
  readonly description: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Alias to version. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly latestVersion: string | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

export interface SourceRun {
  readonly id: string;
  /** Where a browser sees the run; null where there is no such page. */
  readonly url: string | null;
}

export interface RegisteredVersion {
  readonly name: string;
  readonly version: string;
  readonly uri: string;
  readonly description: string | null;
  readonly aliases: readonly string[];
  readonly stage: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly flavors: readonly string[];
  readonly servable: Servable;
  /** As its MLmodel file declares it; null where that says none, or there is none. The graph itself speaks once it is loaded. */
  readonly signature: DeclaredSignature | null;
  readonly run: SourceRun | null;
  readonly createdAt: Date | null;
}

export interface PageRequest {
  /** From 1 to 100. */
  readonly pageSize: number;
  /** The `nextPageToken` of the page before; undefined for the first page. */
  readonly pageToken: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | null;
}

/**
 * Where model versions come from. Every method throws DomainError: `model-not-found`, `model-version-not-found`,
 * `model-alias-not-found`, `run-not-found`, `registry-unavailable`, `registry-refused` or `registry-bad-answer`.
 */
export abstract class ModelRegistry {
  /** What it is, for people: `MLflow at http://localhost:5000`. No credentials. */
  abstract readonly description: string;

  /** Settles what `uri` names now. */
  abstract resolve(uri: ModelUri, requestedUri: string, signal: AbortSignal): Promise<ResolvedVersion>;

  /** The files of a version that {@link resolve} returned. */
  abstract files(version: ResolvedVersion, signal: AbortSignal): Promise<ModelFiles>;

  /** Registered models by name. */
  abstract listModels(page: PageRequest, signal: AbortSignal): Promise<Page<RegisteredModel>>;

  /** Versions of one model, the highest number first. */
  abstract listVersions(name: string, page: PageRequest, signal: AbortSignal): Promise<Page<RegisteredVersion>>;
}
