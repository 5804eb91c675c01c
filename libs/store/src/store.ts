import type { Clock, Logger } from '@understudy/platform';
import { messageOf } from '@understudy/platform';
import type { AuditTrail } from './audit/audit-trail';
import { SqlAuditTrail } from './audit/sql-audit-trail';
import type { ChangeFeed } from './changes/change-feed';
import { SqlChangeFeed } from './changes/sql-change-feed';
import { ControlLog } from './control/control-log';
import { Database } from './database/database';
import { type DatabaseHealth, SqlDatabaseHealth } from './database/database-health';
import type { DeploymentStore } from './deployments/deployment-store';
import { IdempotencyRowEntity } from './deployments/idempotency';
import { SqlDeploymentStore } from './deployments/sql-deployment-store';
import type { ReplicaStore } from './replicas/replica-store';
import { SqlReplicaStore } from './replicas/sql-replica-store';
import type { ArmStatisticsStore } from './statistics/arm-statistics-store';
import { SqlArmStatisticsStore } from './statistics/sql-arm-statistics-store';
import type { StoreSettings } from './store-settings';
import { SqlTokenStore } from './tokens/sql-token-store';
import type { TokenStore } from './tokens/token-store';
import { TokenVerifier } from './tokens/token-verifier';

const HOUSEKEEPING_INTERVAL_MS = 60 * 60 * 1000;

/** How long an idempotency key is known, in milliseconds. */
const KEYS_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** The open durable state and everything that works on it. */
export class Store {
  private readonly stopping = new AbortController();
  private housekeeping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly database: Database,
    readonly deployments: DeploymentStore,
    readonly audit: AuditTrail,
    readonly tokens: TokenStore,
    readonly verifier: TokenVerifier,
    private readonly feed: SqlChangeFeed,
    private readonly replicaStore: SqlReplicaStore,
    private readonly statisticsStore: SqlArmStatisticsStore,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Opens the database as {@link Database.open} does, with its errors, and begins to listen for changes. */
  static async open(settings: StoreSettings, clock: Clock, logger: Logger): Promise<Store> {
    const database = await Database.open(settings, logger);
    try {
      const control = new ControlLog(database, settings, clock);
      const feed = new SqlChangeFeed(database, control, settings, clock, logger);
      const tokens = new SqlTokenStore(database, control, clock);
      const store = new Store(
        database,
        new SqlDeploymentStore(database, control, clock),
        new SqlAuditTrail(database, control),
        tokens,
        new TokenVerifier(tokens, feed, clock, logger),
        feed,
        new SqlReplicaStore(database, clock),
        new SqlArmStatisticsStore(database, clock),
        clock,
        logger,
      );
      await store.verifier.start();
      feed.start();
      store.housekeeping = store.keepHouse();
      return store;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  get health(): DatabaseHealth {
    return new SqlDatabaseHealth(this.database);
  }

  get changes(): ChangeFeed {
    return this.feed;
  }

  get replicas(): ReplicaStore {
    return this.replicaStore;
  }

  get statistics(): ArmStatisticsStore {
    return this.statisticsStore;
  }

  /** Stops listening, writes what is still in memory, lets what is under way end, and closes the database. */
  async close(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.housekeeping;
    await this.verifier.stop();
    await this.feed.stop();
    await this.database.close();
  }

  /** Removes what is older than it is kept. */
  async prune(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - KEYS_KEPT_MS).toISOString();
    await this.statisticsStore.prune();
    await this.replicaStore.prune();
    await this.database.transaction((manager) =>
      manager
        .createQueryBuilder()
        .delete()
        .from(IdempotencyRowEntity)
        .where('created_at < :before', { before })
        .execute(),
    );
  }

  private async keepHouse(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.prune().catch((error: unknown) => {
        this.logger.warn('Old rows could not be removed; trying again later', { problem: messageOf(error) });
      });
      await this.clock.sleep(HOUSEKEEPING_INTERVAL_MS, signal).catch(() => undefined);
    }
  }
}
