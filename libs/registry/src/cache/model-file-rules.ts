import { DomainError } from '@understudy/platform';
import type { ModelFile } from '../model-registry';
import { isSafePathSegment } from '../model-uri';

const MAX_FILES = 10_000;
const MAX_DEPTH = 20;

/** What a listing may hold before a byte is fetched. Throws DomainError `unsafe-model-files`. */
export function checkListing(files: readonly ModelFile[], maxBytes: number): void {
  if (files.length > MAX_FILES) throw unsafe(`it lists ${files.length} files; at most ${MAX_FILES} are taken`);
  const seen = new Set<string>();
  let total = 0;
  for (const { path, bytes } of files) {
    checkPath(path);
    const folded = path.normalize('NFC').toLowerCase();
    if (seen.has(folded)) throw unsafe(`two of its files are called ${JSON.stringify(path)} on some disks`);
    seen.add(folded);
    if (bytes !== null && (!Number.isSafeInteger(bytes) || bytes < 0))
      throw unsafe(`the file ${JSON.stringify(path)} has no size that can be`);
    total += bytes ?? 0;
  }
  if (total > maxBytes) {
    throw unsafe(`its files have ${total} bytes together; UNDERSTUDY_MAX_MODEL_BYTES allows ${maxBytes}`);
  }
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  const both = files.find(({ path }) => folders.has(path));
  if (both !== undefined) throw unsafe(`${JSON.stringify(both.path)} is both a file and a folder`);
}

/** Throws DomainError `unsafe-model-files` unless `path` is plain names joined by `/`, whichever way it may have been encoded. */
export function checkPath(path: string): void {
  const segments = path.split('/');
  const decoded = decodeFully(path).split('/');
  const safe = [...segments, ...decoded].every((segment) => isSafePathSegment(segment) && !segment.startsWith('-'));
  if (!safe || segments.length > MAX_DEPTH) {
    throw unsafe(
      `the registry lists a file called ${JSON.stringify(path.slice(0, 200))}, which could lead outside the model's folder`,
    );
  }
}

/** Undoes percent-encoding until nothing changes, so that no layer of it hides a separator. */
function decodeFully(path: string): string {
  let current = path;
  for (let round = 0; round < 10; round++) {
    const decoded = decodeOnce(current);
    if (decoded === current) return current;
    current = decoded;
  }
  return '..';
}

function decodeOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

function unsafe(why: string): DomainError {
  return new DomainError('unsafe-model-files', `The version was refused: ${why}`);
}
