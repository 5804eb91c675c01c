import { DomainError } from '@understudy/platform';
import { decodeFully } from './percent-decoding';
import { quoted } from './quoted';

/** What a model URI names. Grammar as MLflow's (`models:` and `runs:`), with what MLflow would only find out later refused at once. */
export type ModelUri =
  | { readonly kind: 'version'; readonly name: string; readonly version: string }
  | { readonly kind: 'alias'; readonly name: string; readonly alias: string }
  | { readonly kind: 'latest'; readonly name: string }
  | { readonly kind: 'stage'; readonly name: string; readonly stage: Stage }
  | { readonly kind: 'logged-model'; readonly id: string }
  | { readonly kind: 'run'; readonly runId: string; readonly path: string };

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];

const MAX_NAME_LENGTH = 256;
const LOGGED_MODEL_ID = /^m-[0-9a-f]{32}$/;
const ALIAS = /^[\p{L}\p{N}_-]{1,255}$/u;
const RUN_ID = /^[A-Za-z0-9][\w-]{0,255}$/;
const VERSION = /^[1-9]\d{0,9}$/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const FORMS =
  'models:/name/version, models:/name@alias, models:/name/latest, models:/name/Stage, models:/m-<32 hex digits> and runs:/run_id/path';

/** Parses what a person or program sent. Throws DomainError `invalid-model-uri` with the forms there are. */
export function parseModelUri(text: string): ModelUri {
  if (text.length > 2048) throw invalid('a URI longer than 2048 characters');
  if (UNPRINTABLE.test(text)) throw invalid('a URI with control characters');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'models' && scheme !== 'runs') throw invalid(quoted(text));
  const path = text.slice(scheme.length + 1).split('?', 1)[0] ?? '';
  // Two slashes begin an authority, as in models://profile@host/...: only an empty one is taken.
  if (!path.startsWith('/') || /^\/\/[^/]/.test(path)) throw invalid(quoted(text));
  const parts = path.replace(/^\/+/, '').split('/');
  return scheme === 'models' ? parseModelsUri(text, parts) : parseRunsUri(text, parts);
}

function parseModelsUri(text: string, parts: readonly string[]): ModelUri {
  const [first = '', second, ...more] = parts;
  if (more.length > 0) throw invalid(quoted(text));
  if (second === undefined) return parseSinglePart(text, first);
  const name = checkModelName(first, text);
  if (VERSION.test(second)) return { kind: 'version', name, version: second };
  if (second.toLowerCase() === 'latest') return { kind: 'latest', name };
  const stage = STAGES.find((candidate) => candidate.toLowerCase() === second.toLowerCase());
  if (stage !== undefined) return { kind: 'stage', name, stage };
  throw invalid(
    `${quoted(text)}: ${quoted(second)} is neither a version number, latest, nor one of the stages ${STAGES.join(', ')}`,
  );
}

function parseSinglePart(text: string, part: string): ModelUri {
  const at = part.lastIndexOf('@');
  if (at >= 0) {
    const alias = part.slice(at + 1);
    if (!ALIAS.test(alias)) throw invalid(`${quoted(text)}: an alias has 1 to 255 letters, digits, "_" or "-"`);
    const name = checkModelName(part.slice(0, at), text);
    return alias.toLowerCase() === 'latest' ? { kind: 'latest', name } : { kind: 'alias', name, alias };
  }
  if (LOGGED_MODEL_ID.test(part)) return { kind: 'logged-model', id: part };
  checkModelName(part, text);
  throw invalid(
    `${quoted(text)}: which version? Write models:/${part}/1, models:/${part}/latest or models:/${part}@alias`,
  );
}

function parseRunsUri(text: string, [runId = '', ...path]: readonly string[]): ModelUri {
  if (!RUN_ID.test(runId) || path.length === 0 || !path.every(isSafePathSegment)) throw invalid(quoted(text));
  return { kind: 'run', runId, path: path.join('/') };
}

/**
 * The one rule for names of registered models, as MLflow 3.11 and later have it: not blank, no slash, no colon, at most 256
 * characters, not a path in disguise. Other than that any character goes, so a name never becomes a path unlooked.
 */
export function isModelName(name: string): boolean {
  return (
    name.trim() !== '' &&
    name.length <= MAX_NAME_LENGTH &&
    !/[/:\\]/.test(name) &&
    !UNPRINTABLE.test(name) &&
    name.isWellFormed() &&
    name !== '.' &&
    name !== '..'
  );
}

function checkModelName(name: string, text: string): string {
  if (isModelName(name)) return name;
  throw invalid(
    `${quoted(text)}: a model name is not blank, has at most ${MAX_NAME_LENGTH} characters and none of / \\ :`,
  );
}

/** Whether a text is a version number as MLflow gives them: 1, 2, ... without a sign, a fraction or leading zeros. */
export const isVersionNumber = (text: string): boolean => VERSION.test(text);

/** Whether MLflow would take this alias. `latest` is none: it always means the highest version. */
export const isAlias = (text: string): boolean => ALIAS.test(text) && text.toLowerCase() !== 'latest';

/** Whether a piece of a path inside a model's files is a plain name: no traversal, no separator, nothing hidden by encoding. */
export function isSafePathSegment(segment: string): boolean {
  return segment.length <= 255 && isPlainName(segment) && isPlainName(decodeFully(segment));
}

function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    Buffer.byteLength(name) <= 255 &&
    name.isWellFormed() &&
    !/[/\\:]/.test(name) &&
    !UNPRINTABLE.test(name)
  );
}

function invalid(what: string): DomainError {
  return new DomainError('invalid-model-uri', `Not a model URI that can be served: ${what}. The forms are ${FORMS}`);
}
