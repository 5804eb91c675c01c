import { isDomainError } from '@understudy/platform';
import { MAX_MLMODEL_BYTES, MLMODEL_FILE, parseMlModel, servability } from '../mlmodel/mlmodel';
import type { ModelFiles, RegisteredVersion } from '../model-registry';

/** What the MLmodel file of a version says about it. */
export type Servability = Pick<RegisteredVersion, 'flavors' | 'servable' | 'signature'>;

/** Which flavors a version has and whether it can be served, read from its MLmodel file; why not where that cannot be had. */
export async function readServability(
  version: { readonly name: string; readonly version: string },
  uri: string,
  files: () => Promise<ModelFiles>,
  signal: AbortSignal,
): Promise<Servability> {
  try {
    const { flavors, signature = null } = parseMlModel(await readText(await files(), signal), uri);
    return { flavors, signature, servable: servability(flavors, version.name, version.version, uri) };
  } catch (error) {
    if (isDomainError(error)) return { flavors: [], signature: null, servable: { ok: false, why: error.message } };
    throw error;
  }
}

async function readText(files: ModelFiles, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of await files.open(MLMODEL_FILE, signal)) {
    bytes += chunk.byteLength;
    chunks.push(Uint8Array.from(chunk));
    // One byte too many is enough to be told that it is too large.
    if (bytes > MAX_MLMODEL_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
