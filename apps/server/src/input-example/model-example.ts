import { type FileHandle, open } from 'node:fs/promises';
import { readExample } from '@understudy/inference';
import type { LoadedVersion } from '@understudy/model-slots';

/** The file is read in the process that answers predictions: a larger one would hold them up. */
const MOST_FILE_BYTES = 256 * 1024;
/** What is shown is for a person: a few rows say what they look like. */
const MOST_ROWS = 10;
const MOST_SHOWN_BYTES = 64 * 1024;

/** The rows of a version's own input example, or why there are none. */
export type ModelExample =
  | { readonly ok: true; readonly rows: readonly unknown[]; readonly totalRows: number }
  | { readonly ok: false; readonly why: string };

/** Reads it from the files on this machine, which are there as long as a slot holds the version; no registry is asked. */
export async function readModelExample({ examplePath, signature }: LoadedVersion): Promise<ModelExample> {
  if (examplePath === null) return none('the version was logged without an input example');
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readSmall(examplePath);
  } catch {
    return none('the file of the input example cannot be read');
  }
  if (bytes === undefined) return none(`its input example has more than ${MOST_FILE_BYTES / 1024} kB`);
  const example = readExample(bytes, signature);
  if (example === undefined) return none('its input example does not fit its signature');
  const rows = withinSize(example.rows.slice(0, MOST_ROWS));
  return rows.length === 0
    ? none(`one row of its input example has more than ${MOST_SHOWN_BYTES / 1024} kB`)
    : { ok: true, rows, totalRows: example.rows.length };
}

const none = (why: string): ModelExample => ({ ok: false, why });

async function readSmall(path: string): Promise<Uint8Array | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    return size > MOST_FILE_BYTES ? undefined : await file.readFile();
  } finally {
    await file?.close();
  }
}

/** The first rows that are small enough together. */
function withinSize(rows: readonly unknown[]): readonly unknown[] {
  let bytes = 0;
  const end = rows.findIndex((row) => (bytes += Buffer.byteLength(JSON.stringify(row))) > MOST_SHOWN_BYTES);
  return end === -1 ? rows : rows.slice(0, end);
}
