import { DomainError } from '@understudy/platform';
import type { ModelFile } from '../model-registry';
import { isSafePathSegment } from '../model-uri';
import { decodeFully } from '../percent-decoding';
import { quoted } from '../quoted';

const MAX_FILES = 10_000;
const MAX_DEPTH = 20;

/** Names that are devices on some systems, whatever follows the first dot, and endings that those systems drop. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const DROPPED_ENDING = /[. ]$/;

/** What a listing may hold before a byte is fetched. Throws DomainError `unsafe-model-files`. */
export function checkListing(files: readonly ModelFile[], maxBytes: number): void {
  if (files.length > MAX_FILES) throw unsafe(`it lists ${files.length} files; at most ${MAX_FILES} are taken`);
  const names = new Map<string, string>();
  let total = 0;
  for (const { path, bytes } of files) {
    checkPath(path);
    const folded = foldName(path);
    if (names.has(folded)) throw unsafe(`two of its files are called ${quoted(path)} on some disks`);
    names.set(folded, path);
    if (bytes !== null && (!Number.isSafeInteger(bytes) || bytes < 0))
      throw unsafe(`the file ${quoted(path)} has no size that can be`);
    total += bytes ?? 0;
  }
  if (total > maxBytes) {
    throw unsafe(`its files have ${total} bytes together; UNDERSTUDY_MAX_MODEL_BYTES allows ${maxBytes}`);
  }
  const both = [...names.keys()].flatMap(foldersOf).find((folder) => names.has(folder));
  if (both !== undefined) throw unsafe(`${quoted(names.get(both) ?? both)} is both a file and a folder`);
}

/** Throws DomainError `unsafe-model-files` unless `path` is plain names joined by `/`, whichever way it may have been encoded. */
export function checkPath(path: string): void {
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) throw unsafe(`the file ${quoted(path)} is nested deeper than ${MAX_DEPTH} levels`);
  if (segments.every((name) => isSafePathSegment(name) && [name, decodeFully(name)].every(isTheSameEverywhere))) return;
  throw unsafe(`the registry lists a file called ${quoted(path)}, which could lead outside the model's folder`);
}

/** Whether no system and no program takes the name for anything but this file. */
function isTheSameEverywhere(name: string): boolean {
  return !name.startsWith('-') && !DEVICE_NAME.test(name) && !DROPPED_ENDING.test(name);
}

/** What some disks take for the same name. */
const foldName = (path: string): string => path.normalize('NFC').toLowerCase();

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

function unsafe(why: string): DomainError {
  return new DomainError('unsafe-model-files', `The version was refused: ${why}`);
}
