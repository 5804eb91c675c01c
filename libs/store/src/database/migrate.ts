import { randomUUID } from 'node:crypto';
import { DomainError } from '@understudy/platform';
import { type DataSource, type MigrationInterface, MigrationExecutor } from 'typeorm';
import { genesisHash } from '../audit/audit-chain';
import { FirstSchema } from '../migrations/0001-first-schema';

/** In the order in which they are applied. One that was released is never changed or removed. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [FirstSchema];

export const MIGRATIONS_TABLE = 'understudy_migrations';

/** Any number that no other program locks: "undr" in ASCII. */
const ADVISORY_LOCK = 0x756e6472;

/**
 * Brings the schema to this release's, in one transaction. Returns the names of what was applied. Throws DomainError
 * `database-too-new`, before anything is written, where a newer release has been here.
 */
export async function migrate(dataSource: DataSource): Promise<readonly string[]> {
  const isShared = dataSource.options.type === 'postgres';
  const runner = dataSource.createQueryRunner();
  try {
    // Two servers that start together must not both migrate. Freed with the connection, however this process ends.
    if (isShared) await runner.query(`SELECT pg_advisory_lock(${ADVISORY_LOCK})`);
    await refuseNewer(dataSource);
    const applied = await dataSource.runMigrations({ transaction: 'all' });
    await createHead(dataSource);
    return applied.map(({ name }) => name);
  } finally {
    if (isShared) await runner.query(`SELECT pg_advisory_unlock(${ADVISORY_LOCK})`).catch(() => undefined);
    await runner.release();
  }
}

async function refuseNewer(dataSource: DataSource): Promise<void> {
  const applied = await new MigrationExecutor(dataSource).getExecutedMigrations();
  const known = new Set(dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name));
  const unknown = applied.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new DomainError(
    'database-too-new',
    `The database was migrated by a newer release (${unknown.join(', ')}), which this one would damage. ` +
      'Start that release or a later one, or restore a backup from before the upgrade',
    { unknownMigrations: unknown },
  );
}

/** The one row that the audit chain hangs on. Its random id makes the chains of two databases differ from the first hash on. */
async function createHead(dataSource: DataSource): Promise<void> {
  const [head] = await dataSource.query<unknown[]>('SELECT id FROM understudy_head');
  if (head !== undefined) return;
  const databaseId = randomUUID();
  await dataSource.query(
    `INSERT INTO understudy_head (id, database_id, sequence, hash, revision)
     VALUES (1, '${databaseId}', 0, '${genesisHash(databaseId)}', 0)`,
  );
}
