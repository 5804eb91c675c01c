import type { AuditEvent } from '../api/types';
import { formatSplit } from '../format';
import { texts } from '../texts/en';

const KINDS: Readonly<Record<string, string>> = texts.history.kinds;
const TRIED: Readonly<Record<string, string>> = texts.history.tried;

/** What was done, as people say it, with the version or the split that it led to; what was tried, where it led to nothing. */
export function describeEvent({ action, after, outcome }: Pick<AuditEvent, 'action' | 'after' | 'outcome'>): string {
  if (outcome !== 'done') return TRIED[action] ?? KINDS[action] ?? action;
  const kind = KINDS[action] ?? action;
  const detail = detailOf(action, after);
  return detail === undefined ? kind : `${kind}: ${detail}`;
}

/** What it was done to, by the name that people gave it: a deployment, a token, else the subject as it is. */
export function subjectName({ subject, before, after }: Pick<AuditEvent, 'subject' | 'before' | 'after'>): string {
  const [kind, rest] = [subject.slice(0, subject.indexOf(':')), subject.slice(subject.indexOf(':') + 1)];
  if (kind === 'deployment') return rest;
  const name = (after ?? before)?.['name'];
  return kind === 'token' && typeof name === 'string' ? texts.history.token(name) : subject;
}

function detailOf(action: string, after: AuditEvent['after']): string | undefined {
  if (after === null) return undefined;
  if (action === 'set-split') {
    const share = after['canaryProbability'];
    return typeof share === 'number' ? texts.split.words(formatSplit(share), formatSplit(1 - share)) : undefined;
  }
  if (action === 'load-next') return nameOf(after['next']);
  if (action === 'promote' || action === 'roll-back' || action === 'fill') return nameOf(after['current']);
  return undefined;
}

function nameOf(held: unknown): string | undefined {
  if (typeof held !== 'object' || held === null || !('uri' in held) || typeof held.uri !== 'string') return undefined;
  const name = 'name' in held ? held.name : undefined;
  const version = 'version' in held ? held.version : undefined;
  return typeof name === 'string' && typeof version === 'string' ? `${name} v${version}` : held.uri;
}
