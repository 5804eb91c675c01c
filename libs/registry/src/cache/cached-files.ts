import { createHash } from 'node:crypto';
import { z } from 'zod';

export interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of one version on this machine, under a name that is a digest of their contents. */
export interface CachedFiles {
  /** SHA-256 over the list of paths, sizes and SHA-256 of the files. */
  readonly digest: string;
  /** The folder that holds them. */
  readonly directory: string;
  readonly files: readonly CachedFile[];
}

const manifestJson = z.array(
  z.object({ path: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string().length(64) }),
);

/** The list of files, by path, as it is stored beside them; its SHA-256 is the version's digest. */
export function toManifest(files: readonly CachedFile[]): { readonly text: string; readonly digest: string } {
  const text = JSON.stringify(files);
  return { text, digest: sha256Of(text) };
}

/** The files of a stored list; undefined where it is not the list with this digest. */
export function readManifest(text: string, digest: string): readonly CachedFile[] | undefined {
  if (sha256Of(text) !== digest) return undefined;
  try {
    return manifestJson.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
