import type { Token } from '../api/types';

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

export type TokenState = 'usable' | 'soon' | 'expired' | 'revoked';

/** Whether a token lets anybody in, and for how long still. */
export function tokenState({ revokedAt, expiresAt }: Pick<Token, 'revokedAt' | 'expiresAt'>, now: Date): TokenState {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'usable';
  const leftMs = new Date(expiresAt).getTime() - now.getTime();
  if (leftMs <= 0) return 'expired';
  return leftMs <= SOON_DAYS * DAY_MS ? 'soon' : 'usable';
}

export const isUsable = (state: TokenState): boolean => state === 'usable' || state === 'soon';
