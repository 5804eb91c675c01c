import { subjectOf } from '@understudy/control';
import { DEFAULT_DEPLOYMENT } from '@understudy/model-slots';
import type { TokenScope } from '@understudy/store';
import type { Request } from 'express';
import { isDryRun } from '../control/change-options';

/** What a request attempts to change, as the audit trail names it. */
export interface NamedAttempt {
  readonly action: string;
  readonly subject: string;
  /** The scope that it takes. */
  readonly needed: TokenScope;
}

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

const AT_ROOT = /^\/([a-z-]+)$/;
const BELOW_DEPLOYMENT = /^\/deployments\/([^/]+)(?:\/([a-z-]+))?$/;
const CANCEL = /^\/deployments\/([^/]+)\/changes\/[^/]+$/;
const REPOSITORY = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/;
const TOKEN = /^\/tokens\/([^/]+)$/;
const TOKEN_ID = /^[0-9a-f]{16}$/;

/** A trail is no place for endless names. */
const MOST_SUBJECT_CHARACTERS = 200;

/** What a request attempts to change, also where no route takes it; undefined where it attempts nothing, as a dry run does. */
export function attemptOf(request: Request): NamedAttempt | undefined {
  return isDryRun(request) ? undefined : (atTokens(request) ?? atDeployment(request));
}

/** What stands in place of an id may be a whole token: it is left out. */
function atTokens({ method, path }: Request): NamedAttempt | undefined {
  if (method === 'POST' && path === '/tokens')
    return { action: 'create-token', subject: 'token', needed: 'administer' };
  const [, id] = method === 'DELETE' ? (TOKEN.exec(path) ?? []) : [];
  if (id === undefined) return undefined;
  return { action: 'revoke-token', subject: TOKEN_ID.test(id) ? `token:${id}` : 'token', needed: 'administer' };
}

function atDeployment({ method, path }: Request): NamedAttempt | undefined {
  if (method === 'POST') {
    const [, rootVerb = ''] = AT_ROOT.exec(path) ?? [];
    const [, name = DEFAULT_DEPLOYMENT, verb = rootVerb] = BELOW_DEPLOYMENT.exec(path) ?? REPOSITORY.exec(path) ?? [];
    const action = VERBS.get(verb);
    return action === undefined ? undefined : change(action, name);
  }
  if (method !== 'PUT' && method !== 'DELETE') return undefined;
  const [, cancelled] = CANCEL.exec(path) ?? [];
  if (cancelled !== undefined) return method === 'DELETE' ? change('cancel', cancelled) : undefined;
  const [, name, verb] = BELOW_DEPLOYMENT.exec(path) ?? [];
  if (name === undefined || verb !== undefined) return undefined;
  return change(method === 'PUT' ? 'replace' : 'remove', name);
}

const change = (action: string, encodedName: string): NamedAttempt => ({
  action,
  subject: subjectOf(decoded(encodedName)).slice(0, MOST_SUBJECT_CHARACTERS),
  needed: 'operate',
});

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
