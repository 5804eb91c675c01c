import { createHash } from 'node:crypto';
import type { AuditRow } from './audit-row';

/** Where a chain ends: how many entries it has and the hash of the last. Keep one elsewhere to notice a chain that was rewritten. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

export type ChainVerdict =
  | { readonly ok: true; readonly head: ChainHead }
  /** The first entry that is not as it was written, and what is wrong with it. */
  | { readonly ok: false; readonly sequence: number; readonly problem: string };

/** The hash before the first entry. */
export function genesisHash(databaseId: string): string {
  return sha256(`understudy audit chain of ${databaseId}`);
}

/** The hash of an entry: SHA-256 over a JSON array of the hash before and all columns, in this order for ever. */
export function entryHash(previousHash: string, row: Omit<AuditRow, 'hash'>): string {
  return sha256(
    JSON.stringify([
      previousHash,
      row.sequence,
      row.id,
      row.at,
      row.actor,
      row.tokenId,
      row.address,
      row.action,
      row.subject,
      row.reason,
      row.beforeState,
      row.afterState,
      row.outcome,
      row.problem,
      row.requestId,
    ]),
  );
}

/**
 * Follows the chain entry by entry. Finds the first one that was changed, removed, inserted or moved; with the head that the
 * database keeps also entries cut off at the end; with a head that was kept elsewhere also a chain that was written anew.
 */
export async function verifyChain(
  rows: AsyncIterable<AuditRow>,
  genesis: string,
  head: ChainHead,
  keptHead?: ChainHead,
): Promise<ChainVerdict> {
  const bad = (sequence: number, problem: string): ChainVerdict => ({ ok: false, sequence, problem });
  let last: ChainHead = { sequence: 0, hash: genesis };
  for await (const row of rows) {
    const expected = last.sequence + 1;
    if (row.sequence !== expected) return bad(expected, `entry ${expected} is missing; entry ${row.sequence} follows`);
    if (row.hash !== entryHash(last.hash, row)) {
      return bad(expected, `entry ${expected} is not what was written after entry ${last.sequence}`);
    }
    last = { sequence: row.sequence, hash: row.hash };
    if (keptHead?.sequence === last.sequence && keptHead.hash !== last.hash) {
      return bad(expected, `entry ${expected} has another hash than the one that was kept`);
    }
  }
  if (last.sequence < head.sequence)
    return bad(last.sequence + 1, `the last entries are missing, up to ${head.sequence}`);
  if (last.hash !== head.hash) return bad(last.sequence, `entry ${last.sequence} is not the one that was written last`);
  if (keptHead !== undefined && keptHead.sequence > last.sequence) {
    return bad(last.sequence + 1, `the chain ends before entry ${keptHead.sequence}, which was kept`);
  }
  return { ok: true, head: last };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
