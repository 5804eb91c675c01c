import type { EntityManager } from 'typeorm';

/** The one row that every control change goes through. */
export interface Head {
  readonly databaseId: string;
  /** Of the last entry of the audit trail. */
  readonly sequence: number;
  readonly hash: string;
  /** Grows by one with everything that replicas need to hear of. */
  readonly revision: number;
}

interface HeadRow {
  readonly database_id: string;
  readonly sequence: number;
  readonly hash: string;
  readonly revision: number;
}

const COLUMNS = 'database_id, sequence, hash, revision';

export async function readHead(manager: EntityManager): Promise<Head> {
  return toHead(await manager.query<HeadRow[]>(`SELECT ${COLUMNS} FROM understudy_head`));
}

/**
 * Takes the head for this transaction: until it ends every other control change, on any replica, waits. So each sees all that was
 * done before it, and the order of the audit trail is the order of the commits.
 */
export async function lockHead(manager: EntityManager): Promise<Head> {
  // The embedded kind has one connection, whose transactions take turns.
  if (manager.dataSource.options.type !== 'postgres') return readHead(manager);
  const rows = await manager.query<(HeadRow & { durable: string })[]>(
    `SELECT ${COLUMNS}, current_setting('synchronous_commit') AS durable FROM understudy_head FOR UPDATE`,
  );
  // Settings of the user or of the database may switch it off; verified here, where it matters, without one more round trip.
  if (rows[0]?.durable === 'off') await manager.query('SET LOCAL synchronous_commit TO on');
  return toHead(rows);
}

export async function writeHead(manager: EntityManager, { sequence, hash, revision }: Head): Promise<void> {
  await manager
    .createQueryBuilder()
    .update('understudy_head')
    .set({ sequence, hash, revision })
    .where('id = 1')
    .execute();
}

function toHead([row]: readonly HeadRow[]): Head {
  if (row === undefined) throw new Error('The database has no head; restore a backup');
  return { databaseId: row.database_id, sequence: row.sequence, hash: row.hash, revision: row.revision };
}
