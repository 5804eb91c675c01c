import { type HashedToken, type TokenRecord, type TokenVerdict, verifyToken } from './token';

/**
 * All tokens as they were at one moment. Plain data in, verdicts out: a process that has no database can be handed the tokens and
 * decides the same. A newer state is another snapshot, so that what was concluded from one is void with it.
 */
export class TokenSnapshot {
  static readonly empty = new TokenSnapshot([]);

  private readonly byId: ReadonlyMap<string, HashedToken>;

  constructor(readonly tokens: readonly HashedToken[]) {
    this.byId = new Map(tokens.map((token) => [token.record.id, token]));
  }

  verify(presented: string, now: Date): TokenVerdict {
    return verifyToken(presented, this.byId, now);
  }

  /** The token with this id, if it can be used now. */
  usable(id: string, now: Date): TokenRecord | undefined {
    const record = this.byId.get(id)?.record;
    return record !== undefined && isUsable(record, now) ? record : undefined;
  }

  /** Whether anybody could come in by one of them now. */
  hasUsable(now: Date): boolean {
    return this.tokens.some(({ record }) => isUsable(record, now));
  }
}

function isUsable({ revokedAt, expiresAt }: TokenRecord, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}
