import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, isDomainError } from '@understudy/platform';
import {
  LONE_MODEL_FILE,
  MAX_MLMODEL_BYTES,
  type MlModel,
  MLMODEL_FILE,
  parseMlModel,
  servability,
} from '../mlmodel/mlmodel';
import type { ModelFile, ModelFiles, ResolvedVersion } from '../model-registry';
import type { CachedFiles } from './cached-files';
import { type ModelCache } from './model-cache';
import { checkListing } from './model-file-rules';
import type { StagedVersion } from './staged-version';

/** A version whose files are on this machine, with what its MLmodel file says. */
export interface FetchedVersion extends CachedFiles {
  /** Path of the ONNX file, relative to `directory`. */
  readonly onnxPath: string;
  /** Null for a lone `model.onnx`. */
  readonly mlModel: MlModel | null;
}

/** How a version is called, by itself and in sentences. */
type VersionName = Pick<ResolvedVersion, 'uri' | 'name' | 'version'>;

/** A version whose bytes were settled when it was first loaded: what a stored state says of it. */
export interface PinnedVersion extends VersionName {
  /** The {@link CachedFiles.digest} that it had. */
  readonly digest: string;
}

export interface FetchProgress {
  readonly bytes: number;
  /** Null where the registry does not list sizes. */
  readonly totalBytes: number | null;
}

export interface FetchOptions {
  readonly maxBytes: number;
  /** The digest that the files must have, for a version whose bytes were settled before; undefined takes whatever the registry has. */
  readonly digest?: string | undefined;
  /** How often one file is asked for again when its transfer breaks. */
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
}

/**
 * Brings the files of a version into the cache and checks them: names, sizes, an ONNX flavor. Files already there are used again
 * after comparing their SHA-256. Nothing half-written stays behind.
 */
export async function fetchVersion(
  version: ResolvedVersion,
  source: () => Promise<ModelFiles>,
  cache: ModelCache,
  options: FetchOptions,
): Promise<FetchedVersion> {
  try {
    // What a key meant before says nothing about a digest that the cache does not have.
    const key = options.digest === undefined ? version.filesKey : undefined;
    const known = key === undefined ? undefined : await cache.find(key);
    return await describe(version, known ?? (await transfer(version, await source(), cache, options)));
  } catch (error) {
    throw options.signal.aborted ? whyAborted(options.signal.reason, error) : error;
  }
}

/**
 * A version whose files are in the cache under this digest, whatever the registry says or whether it answers; undefined where the
 * cache does not have them or they were altered.
 */
export async function findPinned(pinned: PinnedVersion, cache: ModelCache): Promise<FetchedVersion | undefined> {
  const cached = await cache.verified(pinned.digest);
  return cached === undefined ? undefined : describe(pinned, cached);
}

async function transfer(
  version: ResolvedVersion,
  files: ModelFiles,
  cache: ModelCache,
  options: FetchOptions,
): Promise<CachedFiles> {
  const staged = await cache.stage();
  try {
    await new Transfer(version, files, cache, staged, options).run();
    checkDigest(version.uri, staged.digest, options.digest);
    return await cache.commit(staged, version.filesKey);
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** What the MLmodel file of cached files says. Throws DomainError `model-not-servable`. */
async function describe(version: VersionName, cached: CachedFiles): Promise<FetchedVersion> {
  const paths = new Set(cached.files.map(({ path }) => path));
  if (!paths.has(MLMODEL_FILE)) return { ...cached, mlModel: null, onnxPath: LONE_MODEL_FILE };
  const mlModel = parseMlModel(await readFile(join(cached.directory, MLMODEL_FILE), 'utf8'), version.uri);
  return { ...cached, mlModel, onnxPath: onnxPathOf(mlModel, version, paths) };
}

/** Copies the files of one version into the staging folder, the MLmodel file first. */
class Transfer {
  private bytes = 0;
  private totalBytes: number | null = null;

  constructor(
    private readonly version: ResolvedVersion,
    private readonly files: ModelFiles,
    private readonly cache: ModelCache,
    private readonly staged: StagedVersion,
    private readonly options: FetchOptions,
  ) {}

  async run(): Promise<void> {
    const listing = await this.files.list(this.options.signal);
    checkListing(listing, this.options.maxBytes);
    const listedBytes = listing.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    this.totalBytes = listing.some(({ bytes }) => bytes === null) ? null : listedBytes;
    await this.cache.reserve(this.staged, listedBytes);
    const paths = new Set(listing.map(({ path }) => path));
    const mlModelFile = listing.find(({ path }) => path === MLMODEL_FILE);
    if (mlModelFile !== undefined) await this.fetchMlModel(mlModelFile, paths);
    else if (!paths.has(LONE_MODEL_FILE)) throw noModel(this.version, [...paths]);
    for (const file of listing) if (file !== mlModelFile) await this.fetch(file, this.options.maxBytes);
    // Where the registry does not list sizes, only now is it known what the version takes.
    if (this.totalBytes === null) await this.cache.reserve(this.staged, this.staged.bytes);
  }

  /** The one file that is read here: what it says may spare the others the way. */
  private async fetchMlModel(file: ModelFile, paths: ReadonlySet<string>): Promise<void> {
    if ((file.bytes ?? 0) > MAX_MLMODEL_BYTES)
      throw noModel(this.version, [`an ${MLMODEL_FILE} of ${file.bytes ?? 0} bytes`]);
    await this.fetch(file, Math.min(this.options.maxBytes, MAX_MLMODEL_BYTES));
    const mlModel = parseMlModel(await readFile(this.staged.locate(MLMODEL_FILE), 'utf8'), this.version.uri);
    onnxPathOf(mlModel, this.version, paths);
  }

  private async fetch({ path, bytes: expectedBytes }: ModelFile, mostBytes: number): Promise<void> {
    const { signal, retries } = this.options;
    const before = this.bytes;
    for (let attempt = 0; ; attempt++) {
      try {
        const limits = { expectedBytes, mostBytes: mostBytes - before };
        await this.staged.write(
          path,
          () => this.files.open(path, signal),
          limits,
          (bytes) => {
            this.bytes += bytes;
            this.options.onProgress({ bytes: this.bytes, totalBytes: this.totalBytes });
          },
        );
        return;
      } catch (error) {
        this.bytes = before;
        if (attempt >= retries || signal.aborted || !isDomainError(error, 'registry-unavailable')) throw error;
      }
    }
  }
}

function onnxPathOf(mlModel: MlModel, version: VersionName, paths: ReadonlySet<string>): string {
  const servable = servability(mlModel.flavors, version.name, version.version, version.uri);
  if (!servable.ok) throw new DomainError('model-not-servable', servable.why, { flavors: mlModel.flavors });
  const path = mlModel.onnxPath as string;
  if (!paths.has(path)) throw noModel(version, [...paths], path);
  return path;
}

function noModel(version: VersionName, found: readonly string[], expected?: string): DomainError {
  const what = expected ?? `${MLMODEL_FILE} or ${LONE_MODEL_FILE}`;
  const have = found.length === 0 ? 'no files' : found.slice(0, 10).join(', ');
  return new DomainError(
    'model-not-servable',
    `${version.uri} has no ${what}; found ${have}. Log it again with mlflow.onnx.log_model`,
  );
}

/** Whatever is called immutable may have been written over: a state that names bytes is never given others in their place. */
function checkDigest(uri: string, found: string, expected: string | undefined): void {
  if (expected === undefined || found === expected) return;
  throw new DomainError(
    'version-changed',
    `The registry's files of ${uri} are not those that were loaded before: expected the digest ${expected.slice(0, 12)}, ` +
      `found ${found.slice(0, 12)}, and the model cache does not have the earlier ones any more. ` +
      'Put the earlier files back, or load the version anew with POST /update-model to take the changed ones',
    { uri, expectedDigest: expected, foundDigest: found },
  );
}

/** An abort shows as a lost connection somewhere below; only what has a reason of its own keeps it. */
function whyAborted(reason: unknown, error: unknown): unknown {
  if (isDomainError(error) && error.code !== 'registry-unavailable') return error;
  if ((reason as Partial<DOMException> | null | undefined)?.name !== 'TimeoutError') return reason;
  return new DomainError(
    'registry-unavailable',
    'Fetching the files of the version took longer than UNDERSTUDY_FETCH_TIMEOUT_MS allows. Nothing was changed; try again',
  );
}
