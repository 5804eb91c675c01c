import { createHash } from 'node:crypto';
import { DomainError } from '@understudy/platform';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { JsonValue, Origin } from '../audit/audit-event';
import { storableText } from '../audit/audit-row';
import type { IdempotencyKey } from './deployment-record';

interface IdempotencyRow {
  readonly owner: string;
  readonly key: string;
  /** SHA-256 of the request, so that a key is not taken for another one. */
  readonly fingerprint: string;
  readonly answer: string;
  readonly createdAt: string;
}

export const IdempotencyRowEntity = new EntitySchema<IdempotencyRow>({
  name: 'idempotency',
  tableName: 'understudy_idempotency',
  columns: {
    owner: { type: 'text', primary: true },
    key: { type: 'text', primary: true },
    fingerprint: { type: 'text' },
    answer: { type: 'text' },
    createdAt: { name: 'created_at', type: 'text' },
  },
});

/** Whose keys are apart from all others': two tokens may have one name. */
export const keyOwner = ({ tokenId, actor }: Origin): string => tokenId ?? actor;

/** What the first request with a key came to; wrapped, since null is an answer too. */
export interface KeptAnswer {
  readonly result: JsonValue;
}

/** The answer that a request with this key got; null when there was none; an `idempotency-key-reused` where it was another. */
export async function findAnswer(
  manager: EntityManager,
  owner: string,
  { key, request }: IdempotencyKey,
): Promise<KeptAnswer | DomainError | null> {
  const found = await manager.findOneBy(IdempotencyRowEntity, { owner: storableText(owner), key: storableText(key) });
  if (found === null) return null;
  if (found.fingerprint === fingerprintOf(request)) return { result: JSON.parse(found.answer) as JsonValue };
  return new DomainError(
    'idempotency-key-reused',
    'This Idempotency-Key came before with another request. Use a fresh key for each change',
  );
}

/** Keeps the answer, in the transaction of the change that it answers. */
export async function keepAnswer(
  manager: EntityManager,
  owner: string,
  { key, request }: IdempotencyKey,
  answer: JsonValue,
  at: Date,
): Promise<void> {
  const row: IdempotencyRow = {
    owner: storableText(owner),
    key: storableText(key),
    fingerprint: fingerprintOf(request),
    answer: JSON.stringify(answer),
    createdAt: at.toISOString(),
  };
  await manager.createQueryBuilder().insert().into(IdempotencyRowEntity).values(row).execute();
}

function fingerprintOf(request: string): string {
  return createHash('sha256').update(request).digest('hex');
}
