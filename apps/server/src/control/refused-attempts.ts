import { Injectable } from '@nestjs/common';
import { Attempts, subjectOf } from '@understudy/control';
import { DEFAULT_DEPLOYMENT } from '@understudy/model-slots';
import { type ErrorCode, isDomainError } from '@understudy/platform';
import type { Request } from 'express';
import { senderOf } from '../access/origin';
import { isDryRun } from './change-options';

/** The last part of a path that changes a deployment, and what the audit trail calls that. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['update-model', 'load-next'],
  ['accept-next-model', 'promote'],
  ['set-canary-probability', 'set-split'],
  ['rollback', 'roll-back'],
  ['unload-next', 'unload-next'],
  ['restore', 'restore'],
  ['load', 'load-next'],
  ['unload', 'unload-next'],
]);

const REFUSED_AT_THE_DOOR: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unauthenticated',
  'forbidden',
  'cross-site-request',
  'host-not-allowed',
]);

const AT_ROOT = /^\/([a-z-]+)$/;
const BELOW_DEPLOYMENT = /^\/deployments\/([^/]+)(?:\/([a-z-]+))?$/;
const CANCEL = /^\/deployments\/([^/]+)\/changes\/[^/]+$/;
const REPOSITORY = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/;

/** A trail is no place for endless names. */
const MOST_SUBJECT_CHARACTERS = 200;

/** Records attempts at a change that were refused before they got to it: a body that cannot be read, a missing permission. */
@Injectable()
export class RefusedAttempts {
  constructor(private readonly attempts: Attempts) {}

  /** Returns once it is recorded, or at once where the request asked for no change. Never rejects. */
  async record(request: Request, error: unknown): Promise<void> {
    // Who may not ask at all is recorded by the guard, within bounds: anybody who reaches the port can be refused any number of times.
    if (isDomainError(error) && REFUSED_AT_THE_DOOR.has(error.code)) return;
    const named = attemptOf(request);
    // A dry run asks; it attempts nothing.
    if (named === undefined || isDryRun(request)) return;
    const reason = request.headers['x-change-reason'];
    const cut = typeof reason === 'string' ? reason.slice(0, MOST_SUBJECT_CHARACTERS) : null;
    const origin = { ...senderOf(request), reason: cut };
    await this.attempts.refused({ ...named, origin }, error);
  }
}

function attemptOf({ method, path }: Request): { readonly action: string; readonly subject: string } | undefined {
  if (method === 'POST') {
    const [, rootVerb = ''] = AT_ROOT.exec(path) ?? [];
    const [, name = DEFAULT_DEPLOYMENT, verb = rootVerb] = BELOW_DEPLOYMENT.exec(path) ?? REPOSITORY.exec(path) ?? [];
    const action = VERBS.get(verb);
    return action === undefined ? undefined : { action, subject: subject(name) };
  }
  if (method !== 'PUT' && method !== 'DELETE') return undefined;
  const [, cancelled] = CANCEL.exec(path) ?? [];
  if (cancelled !== undefined)
    return method === 'DELETE' ? { action: 'cancel', subject: subject(cancelled) } : undefined;
  const [, name, verb] = BELOW_DEPLOYMENT.exec(path) ?? [];
  if (name === undefined || verb !== undefined) return undefined;
  return { action: method === 'PUT' ? 'replace' : 'remove', subject: subject(name) };
}

const subject = (encoded: string): string => subjectOf(decoded(encoded)).slice(0, MOST_SUBJECT_CHARACTERS);

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
