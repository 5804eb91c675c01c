import type { Origin } from '../audit/audit-event';
import type { HashedToken, TokenRecord, TokenScope } from './token';

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** Null for one that does not expire. */
  readonly expiresAt: Date | null;
}

export interface CreatedToken {
  /** The token itself: shown now and never again. */
  readonly token: string;
  readonly record: TokenRecord;
}

/** The tokens, kept as hashes. */
export abstract class TokenStore {
  /** Recorded in the audit trail, without the token. Throws DomainError `database-unavailable` or `change-outcome-unknown`. */
  abstract create(token: NewToken, origin: Origin): Promise<CreatedToken>;

  /** From then on it is refused, for ever. Once more changes nothing. Throws DomainError `token-not-found` as well. */
  abstract revoke(id: string, origin: Origin): Promise<TokenRecord>;

  /** All, the revoked ones too, newest first. */
  abstract list(): Promise<readonly TokenRecord[]>;

  /** For the one who verifies. */
  abstract readHashed(): Promise<readonly HashedToken[]>;

  /** When tokens were last used, by id. Earlier times than what is known change nothing. */
  abstract recordUses(uses: ReadonlyMap<string, Date>): Promise<void>;
}
