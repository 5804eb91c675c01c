import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, isDomainError, type Logger, messageOf } from '@understudy/platform';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { ENTITIES } from '../entities';
import type { DatabasePlace, StoreSettings } from '../store-settings';
import { asDomainError, troubleOf } from './database-errors';
import { bindNumbers, embeddedOptions, forgetPid, prepareEmbeddedFile } from './embedded';
import { migrate, MIGRATIONS, MIGRATIONS_TABLE } from './migrate';
import { postgresOptions, verifyPostgresDurable } from './postgres';
import { Turns } from './turns';

/** Times that a transaction is run when deadlocks undo it. */
const MAX_TRIES = 5;

/** Between two attempts to reach PostgreSQL at start, in milliseconds. */
const START_PAUSE_MS = 500;

/** The connection was lost while a transaction was being committed: whether it was made is not known. */
export class CommitUnknown extends Error {}

/**
 * The open database. All access goes through {@link read} and {@link transaction}: TypeORM gives the embedded kind one connection
 * for everybody, on which the statements of two transactions would mix.
 */
export class Database {
  private readonly turns = new Turns();

  private constructor(
    readonly place: DatabasePlace,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Opens the database, brings it to this release's schema and verifies that what it acknowledges is on the disk. Waits for a
   * PostgreSQL that is not up yet. Throws DomainError `database-unavailable`, `database-in-use`, `database-too-new` or
   * `database-unusable`.
   */
  static async open(settings: StoreSettings, logger: Logger): Promise<Database> {
    const deadlineMs = performance.now() + settings.startTimeoutMs;
    for (;;) {
      try {
        const { place } = settings;
        const source = await (place.kind === 'embedded'
          ? openEmbedded(place.path, logger)
          : openPostgres(place.url, settings, logger));
        return new Database(place, source);
      } catch (error) {
        const known = asDomainError(error);
        const mayCome = settings.place.kind === 'postgres' && isDomainError(known, 'database-unavailable');
        if (!mayCome || performance.now() > deadlineMs) throw known;
        logger.warn('The database does not answer yet; trying again', { problem: messageOf(error) });
        await sleep(START_PAUSE_MS);
      }
    }
  }

  /** Lets what is under way end, then closes. */
  async close(): Promise<void> {
    await this.turns.end(async () => {
      try {
        if (this.dataSource.isInitialized) await this.dataSource.destroy();
      } finally {
        if (this.place.kind === 'embedded') forgetPid(this.place.path);
      }
    });
  }

  /** Reads outside of any transaction. Throws DomainError `database-unavailable`. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const run = () => this.withConnection(({ manager }) => work(manager));
    return this.place.kind === 'embedded' ? this.turns.run(run) : run();
  }

  /**
   * Runs the work in a transaction: all of it is durable when this resolves. For writes that may be repeated. The work must do
   * nothing but database work, since a deadlock runs it again. Throws DomainError `database-unavailable`.
   */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const run = () => this.withConnection((runner) => inTransaction(runner, work));
    try {
      return await (this.place.kind === 'embedded' ? this.turns.run(run) : run());
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error;
      const message = 'The database was lost while it wrote. Try again';
      throw new DomainError('database-unavailable', message, {}, { cause: error });
    }
  }

  /**
   * As {@link transaction}, but one at a time in this process on PostgreSQL too: transactions that wait for the same row wait here,
   * rather than each with a connection of the pool. Throws {@link CommitUnknown} where the connection broke during the commit.
   */
  transactionInTurn<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.turns.run(() => this.withConnection((runner) => inTransaction(runner, work)));
  }

  private async withConnection<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const runner = this.dataSource.createQueryRunner();
      try {
        return await work(runner);
      } catch (error) {
        // Neither retried nor called unavailable, which would say that nothing was done.
        const isUnknown = error instanceof CommitUnknown;
        const trouble = isUnknown ? 'unavailable' : troubleOf(error);
        if (trouble === 'unavailable') await this.endConnection(runner);
        if (trouble !== 'retry' || tries === MAX_TRIES) throw isUnknown ? error : asDomainError(error);
      } finally {
        await runner.release();
      }
    }
  }

  /** A connection that timed out still waits for its answer: it is ended, or the pool would hand it to the next. */
  private async endConnection(runner: QueryRunner): Promise<void> {
    if (this.place.kind === 'embedded' || runner.isReleased) return;
    const connection = (await runner.connect().catch(() => null)) as { end(): Promise<void> } | null;
    // Not waited for: a server that hangs does not say goodbye either.
    connection?.end().catch(() => undefined);
  }
}

const SCHEMA = {
  entities: [...ENTITIES],
  migrations: MIGRATIONS,
  migrationsTableName: MIGRATIONS_TABLE,
  synchronize: false,
};

async function openEmbedded(path: string, logger: Logger): Promise<DataSource> {
  prepareEmbeddedFile(path);
  const source = new DataSource({ ...embeddedOptions(path), ...SCHEMA });
  bindNumbers(source);
  await openedWith(source, () => migrateAndTell(source, logger));
  return source;
}

async function openPostgres(url: string, settings: StoreSettings, logger: Logger): Promise<DataSource> {
  const migrating = new DataSource({ ...postgresOptions(url, settings, logger, 'migrating'), ...SCHEMA });
  await openedWith(migrating, async () => {
    await verifyPostgresDurable(migrating);
    await migrateAndTell(migrating, logger);
  });
  await migrating.destroy();
  return new DataSource({ ...postgresOptions(url, settings, logger, 'serving'), ...SCHEMA }).initialize();
}

async function openedWith(source: DataSource, work: () => Promise<void>): Promise<void> {
  try {
    await source.initialize();
    await work();
  } catch (error) {
    if (source.isInitialized) await source.destroy().catch(() => undefined);
    throw error;
  }
}

async function migrateAndTell(source: DataSource, logger: Logger): Promise<void> {
  const applied = await migrate(source);
  if (applied.length > 0) logger.info('The database was migrated', { migrations: applied.join(', ') });
}

async function inTransaction<T>(runner: QueryRunner, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  let result: T;
  try {
    await runner.startTransaction();
    result = await work(runner.manager);
  } catch (error) {
    await rollBack(runner);
    throw error;
  }
  try {
    await runner.commitTransaction();
  } catch (error) {
    await rollBack(runner);
    if (troubleOf(error) !== 'unavailable') throw error;
    throw new CommitUnknown('The answer to a commit was lost', { cause: error });
  }
  return result;
}

async function rollBack(runner: QueryRunner): Promise<void> {
  // The error before tells more than the one of a rollback on a lost connection.
  if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
}
