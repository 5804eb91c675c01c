import type { IncomingHttpHeaders } from 'node:http';
import type { ChangeOptions } from '@understudy/control';
import { DomainError } from '@understudy/platform';
import type { Request } from 'express';
import { senderOf } from '../access/origin';

/** What a request says about how its change is to be made. */
export interface RequestedChange extends ChangeOptions {
  readonly dryRun: boolean;
  /** Whether the answer is to come before the change is made. */
  readonly respondAsync: boolean;
}

const MOST_REASON_CHARACTERS = 500;

/** Throws DomainError `invalid-header` or `invalid-body`. */
export function readChangeOptions(request: Request): RequestedChange {
  const { headers } = request;
  return {
    origin: { ...senderOf(request), reason: readReason(request) },
    ifMatch: readIfMatch(headers),
    mustNotExist: readIfNoneMatch(headers),
    idempotencyKey: readIdempotencyKey(request),
    dryRun: readDryRun(request),
    respondAsync: /(^|[,\s])respond-async($|[,;\s])/i.test(String(headers['prefer'] ?? '')),
  };
}

/** Why, from the body's member `reason` or the header X-Change-Reason; null where nothing was said. */
function readReason({ body, headers }: Request): string | null {
  const inBody = isObject(body) ? body['reason'] : undefined;
  if (inBody !== undefined && inBody !== null && typeof inBody !== 'string')
    throw new DomainError('invalid-body', 'reason: expected a text');
  const sent = headers['x-change-reason'];
  // HTTP hands headers over as Latin-1; clients send UTF-8.
  const inHeader = sent === undefined ? undefined : Buffer.from(String(sent), 'latin1').toString('utf8');
  const reason = inBody ?? inHeader ?? '';
  if (reason.length > MOST_REASON_CHARACTERS) {
    const code = inBody === undefined ? 'invalid-header' : 'invalid-body';
    const name = inBody === undefined ? 'X-Change-Reason' : 'reason';
    throw new DomainError(code, `${name}: expected at most ${MOST_REASON_CHARACTERS} characters, got ${reason.length}`);
  }
  return reason === '' ? null : reason;
}

function readIfMatch(headers: IncomingHttpHeaders): ChangeOptions['ifMatch'] {
  const sent = headers['if-match'];
  if (sent === undefined) return undefined;
  if (sent === '*') return 'exists';
  // A proxy that compresses answers makes the tag a weak one; the generation that it names is the same.
  const [, generation] = /^(?:W\/)?"g(\d{1,15})"$/.exec(sent) ?? [];
  if (generation !== undefined) return Number(generation);
  throw new DomainError(
    'invalid-header',
    `If-Match: expected the ETag of an earlier answer, such as "g7", or *, got ${JSON.stringify(sent.slice(0, 100))}`,
  );
}

function readIfNoneMatch(headers: IncomingHttpHeaders): boolean {
  const sent = headers['if-none-match'];
  if (sent === undefined) return false;
  if (sent === '*') return true;
  throw new DomainError(
    'invalid-header',
    `If-None-Match: expected *, for what must not exist yet, got ${JSON.stringify(sent.slice(0, 100))}`,
  );
}

function readIdempotencyKey({ headers, method, path, body }: Request): ChangeOptions['idempotencyKey'] {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key))
    throw new DomainError('invalid-header', 'Idempotency-Key: expected 1 to 255 printable ASCII characters');
  return { key, request: `${method} ${path}\n${JSON.stringify(body ?? null)}` };
}

/** Whether the request only asks what would be. */
export function isDryRun({ query }: Request): boolean {
  return query['dryRun'] === 'true' || query['dryRun'] === '';
}

/** A misspelt dry run would act. */
function readDryRun(request: Request): boolean {
  const unknown = Object.keys(request.query).find((name) => name !== 'dryRun');
  if (unknown !== undefined)
    throw new DomainError(
      'invalid-body',
      `${unknown.slice(0, 100)}: not known here; leave it out. A change knows dryRun`,
    );
  const sent = request.query['dryRun'];
  if (sent === undefined || sent === 'false') return false;
  if (isDryRun(request)) return true;
  throw new DomainError('invalid-body', 'dryRun: expected true or false, once');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
