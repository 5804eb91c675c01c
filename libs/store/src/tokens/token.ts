import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token allows. */
export const TOKEN_SCOPES = ['predict', 'view', 'operate', 'administer'] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** What may be shown of a token after its creation. */
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the half minute. */
  readonly lastUsedAt: Date | null;
}

/** With what a presented token is compared. Never leaves the server. */
export interface HashedToken {
  readonly record: TokenRecord;
  /** SHA-256 of the token, as lower-case hex. A slow hash would protect nothing: 256 random bits cannot be guessed. */
  readonly hash: string;
}

export type TokenVerdict =
  | { readonly ok: true; readonly token: TokenRecord }
  | { readonly ok: false; readonly why: 'unknown' | 'revoked' | 'expired' };

/** The id finds the token and may be seen; the secret is what is compared. The prefix lets scanners for leaked secrets find it. */
const TOKEN = /^ust_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

const NO_TOKEN = randomBytes(32).toString('hex');

/** A new token: 64 bits that name it and 256 that nobody can guess, all from the system's generator. */
export function generateToken(): { readonly id: string; readonly token: string; readonly hash: string } {
  const id = randomBytes(8).toString('hex');
  const token = `ust_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, token, hash: sha256(token).toString('hex') };
}

/**
 * Whether a presented text is one of the tokens, now. Both sides are hashed and the hashes are compared in constant time, for
 * unknown ids too, so that neither length nor prefix of a guess shows in the time taken.
 */
export function verifyToken(presented: string, tokens: ReadonlyMap<string, HashedToken>, now: Date): TokenVerdict {
  const id = TOKEN.exec(presented)?.[1];
  const found = id === undefined ? undefined : tokens.get(id);
  const expected = Buffer.from(found?.hash ?? NO_TOKEN, 'hex');
  const isSame = timingSafeEqual(sha256(presented), expected);
  if (found === undefined || !isSame) return { ok: false, why: 'unknown' };
  const { record } = found;
  if (record.revokedAt !== null) return { ok: false, why: 'revoked' };
  if (record.expiresAt !== null && record.expiresAt <= now) return { ok: false, why: 'expired' };
  return { ok: true, token: record };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
