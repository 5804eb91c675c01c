import type { CachedFiles } from '../../libs/registry/src/cache/cached-files';
import type { ModelCache } from '../../libs/registry/src/cache/model-cache';
import { NeededVersions } from '../../libs/registry/src/needed-versions';

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Stores a version that is one file, as a fetch does it; `isListed` says whether the registry tells sizes before. */
export async function storeVersion(
  cache: ModelCache,
  content: string,
  { filesKey, isListed = true }: { readonly filesKey?: string; readonly isListed?: boolean } = {},
): Promise<CachedFiles> {
  const staged = await cache.stage();
  try {
    const bytes = Buffer.byteLength(content);
    await cache.reserve(staged, isListed ? bytes : 0);
    await staged.write(
      'model.onnx',
      async () => once(content),
      { expectedBytes: bytes, mostBytes: bytes },
      () => undefined,
    );
    if (!isListed) await cache.reserve(staged, bytes);
    return await cache.commit(staged, filesKey);
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** What a test says is needed. */
export class NeededInTest extends NeededVersions {
  needed: ReadonlySet<string> | null = new Set();

  override async digests(): Promise<ReadonlySet<string> | null> {
    return this.needed;
  }
}
