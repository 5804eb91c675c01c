import { ANYBODY } from './access-rule';
import { ADMIN } from './bearer-tokens';

/** Who stands in the audit trail without a stored token: two kinds of callers, whoever is not known, the guard, the server itself. */
const OWN_ACTORS: ReadonlySet<string> = new Set(
  [ADMIN.actor, ANYBODY.actor, 'unauthenticated', 'guard', 'understudy'].map(asRead),
);

/** Whether a token of this name would be taken in the audit trail for the product's own doing. */
export function isOwnActor(name: string): boolean {
  return OWN_ACTORS.has(asRead(name));
}

/** What looks the same to a reader is the same. */
function asRead(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
