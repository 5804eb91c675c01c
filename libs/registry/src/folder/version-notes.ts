import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../mlmodel/read-yaml';
import { readPlainText } from './read-plain-text';

const VERSION_NOTES_FILE = 'meta.yaml';

/** What a folder registry tells of a version beside its files: the part that MLflow keeps in its database. */
export interface VersionNotes {
  readonly description: string | null;
  readonly created: Date | null;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform(String);
const texts = z.record(z.string(), scalar).catch({});

const notes = z.object({
  description: z.string().nullable().catch(null),
  created: z.coerce.date().nullable().catch(null),
  params: texts,
  metrics: z.record(z.string(), z.number()).catch({}),
  tags: texts,
});

const NOTHING: VersionNotes = { description: null, created: null, params: {}, metrics: {}, tags: {} };

/** Reads `meta.yaml`; a file that is missing or not understood tells nothing, and is no reason not to serve the version. */
export async function readVersionNotes(folder: string): Promise<VersionNotes> {
  try {
    return notes.parse(readYaml((await readPlainText(join(folder, VERSION_NOTES_FILE))) ?? ''));
  } catch {
    return NOTHING;
  }
}
