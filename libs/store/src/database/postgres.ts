import pg from 'pg';
import { DomainError, type Logger, messageOf } from '@understudy/platform';
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { StoreSettings } from '../store-settings';

const APPLICATION_NAME = 'understudy';

/** What the listener's own connection is opened with, and the pool. */
export function connectionOptions(url: string, { timeoutMs }: StoreSettings): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  };
}

/** Both sides give up: the server so that it does not go on for nobody, the client because the server may be stopped or gone. */
function statementLimits({ timeoutMs }: StoreSettings): pg.ClientConfig {
  return {
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 200,
    idle_in_transaction_session_timeout: timeoutMs * 4,
  };
}

/**
 * Always listens for errors. Pool and TypeORM do so by turns, and between them is a moment: when "ready" and "terminated by the
 * administrator" arrive in one piece, nobody listens to the second, which would end the process.
 */
class WatchedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // Who uses the connection is told by the query that fails.
    this.on('error', () => undefined);
  }
}

/**
 * TypeORM's options for a PostgreSQL server; for migrations without limits, since they may wait for another server's and take as
 * long as they take. Throws DomainError `database-unusable` where the URL is none.
 */
export function postgresOptions(
  url: string,
  settings: StoreSettings,
  logger: Logger,
  purpose: 'serving' | 'migrating',
): DataSourceOptions {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    // Never the URL itself: it may hold a password.
    throw new DomainError('database-unusable', 'DATABASE_URL: expected postgres://user:password@host:port/database');
  }
  return {
    type: 'postgres',
    driver: pg,
    url,
    poolSize: settings.poolSize,
    installExtensions: false,
    extra: {
      ...connectionOptions(url, settings),
      ...(purpose === 'serving' ? statementLimits(settings) : {}),
      Client: WatchedClient,
    },
    // Without a listener an idle connection that breaks would end the process (node-postgres#585).
    poolErrorHandler: (error: unknown) => {
      logger.warn('A connection to PostgreSQL broke', { problem: messageOf(error) });
    },
  };
}

/**
 * Checks that a commit is on the disk when PostgreSQL acknowledges it. `synchronous_commit` is looked at again in every control
 * transaction, since it can differ by connection. Throws DomainError `database-unusable`.
 */
export async function verifyPostgresDurable(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ fsync: string; pages: string }[]>(
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages`,
  );
  if (row?.fsync === 'on' && row.pages === 'on') return;
  throw new DomainError(
    'database-unusable',
    `PostgreSQL would lose acknowledged changes in a crash: fsync is ${row?.fsync ?? 'unknown'}, full_page_writes is ` +
      `${row?.pages ?? 'unknown'}. Set both to on in postgresql.conf`,
  );
}
