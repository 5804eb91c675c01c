import { type Clock, DomainError } from '@understudy/platform';
import { EntitySchema } from 'typeorm';
import type { AuditEntry, JsonValue, Origin } from '../audit/audit-event';
import { storableText } from '../audit/audit-row';
import type { ControlLog, Performed } from '../control/control-log';
import type { Database } from '../database/database';
import { generateToken, type HashedToken, type TokenRecord, type TokenScope } from './token';
import { type CreatedToken, type NewToken, TokenStore } from './token-store';

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

export const TokenRowEntity = new EntitySchema<TokenRow>({
  name: 'token',
  tableName: 'understudy_tokens',
  columns: {
    id: { type: 'text', primary: true },
    name: { type: 'text' },
    hash: { type: 'text' },
    scopes: { type: 'simple-json' },
    createdAt: { name: 'created_at', type: 'text' },
    createdBy: { name: 'created_by', type: 'text' },
    expiresAt: { name: 'expires_at', type: 'text', nullable: true },
    revokedAt: { name: 'revoked_at', type: 'text', nullable: true },
    lastUsedAt: { name: 'last_used_at', type: 'text', nullable: true },
  },
});

export class SqlTokenStore extends TokenStore {
  constructor(
    private readonly database: Database,
    private readonly control: ControlLog,
    private readonly clock: Clock,
  ) {
    super();
  }

  override create({ name, scopes, expiresAt }: NewToken, origin: Origin): Promise<CreatedToken> {
    const { id, token, hash } = generateToken();
    const row: TokenRow = {
      id,
      name: storableText(name),
      hash,
      scopes: [...scopes],
      createdAt: this.clock.now().toISOString(),
      createdBy: storableText(origin.actor),
      expiresAt: expiresAt?.toISOString() ?? null,
      revokedAt: null,
      lastUsedAt: null,
    };
    return this.control.perform(async (manager) => {
      await manager.createQueryBuilder().insert().into(TokenRowEntity).values(row).execute();
      const record = toRecord(row);
      return {
        result: { token, record },
        entry: entryOf('create-token', id, origin, null, toJson(record)),
        announce: true,
      };
    });
  }

  override async revoke(id: string, origin: Origin): Promise<TokenRecord> {
    const outcome = await this.control.perform<TokenRecord | DomainError>(async (manager) => {
      const row = await manager.findOneBy(TokenRowEntity, { id });
      if (row === null) return tokenNotFound(id, origin);
      const before = toRecord(row);
      const isRevoked = row.revokedAt !== null;
      const after = isRevoked ? before : { ...before, revokedAt: this.clock.now() };
      if (!isRevoked)
        await manager.update(TokenRowEntity, { id }, { revokedAt: after.revokedAt?.toISOString() ?? null });
      const entry = entryOf('revoke-token', id, origin, toJson(before), toJson(after));
      return { result: after, entry, announce: !isRevoked };
    });
    if (outcome instanceof DomainError) throw outcome;
    return outcome;
  }

  override async list(): Promise<readonly TokenRecord[]> {
    const rows = await this.readRows();
    return rows.map(toRecord).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  }

  override async readHashed(): Promise<readonly HashedToken[]> {
    return (await this.readRows()).map((row) => ({ record: toRecord(row), hash: row.hash }));
  }

  override async recordUses(uses: ReadonlyMap<string, Date>): Promise<void> {
    if (uses.size === 0) return;
    await this.database.transaction(async (manager) => {
      // In one order on every replica, so that two of them cannot wait for each other.
      for (const [id, at] of [...uses].sort(([a], [b]) => (a < b ? -1 : 1))) {
        await manager
          .createQueryBuilder()
          .update(TokenRowEntity)
          .set({ lastUsedAt: at.toISOString() })
          .where('id = :id AND (last_used_at IS NULL OR last_used_at < :at)', { id, at: at.toISOString() })
          .execute();
      }
    });
  }

  private readRows(): Promise<TokenRow[]> {
    return this.database.read((manager) => manager.find(TokenRowEntity));
  }
}

function toRecord(row: TokenRow): TokenRecord {
  const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: new Date(row.createdAt),
    createdBy: row.createdBy,
    expiresAt: dateOf(row.expiresAt),
    revokedAt: dateOf(row.revokedAt),
    lastUsedAt: dateOf(row.lastUsedAt),
  };
}

function toJson({ name, scopes, expiresAt, revokedAt }: TokenRecord): JsonValue {
  return { name, scopes, expiresAt: expiresAt?.toISOString() ?? null, revokedAt: revokedAt?.toISOString() ?? null };
}

function tokenNotFound(id: string, origin: Origin): Performed<DomainError> {
  const shown = storableText(id.slice(0, 100));
  const error = new DomainError('token-not-found', `There is no token with the id "${shown}"`);
  const problem = { code: error.code, detail: error.message };
  const entry: AuditEntry = { ...entryOf('revoke-token', shown, origin, null, null), outcome: 'refused', problem };
  return { result: error, entry, announce: false };
}

function entryOf(action: string, id: string, origin: Origin, before: JsonValue, after: JsonValue): AuditEntry {
  return { origin, action, subject: `token:${id}`, before, after, outcome: 'done', problem: null };
}
