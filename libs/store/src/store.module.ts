import {
  type Abstract,
  type DynamicModule,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { Clock, Logger } from '@understudy/platform';
import { AuditTrail } from './audit/audit-trail';
import { ChangeFeed } from './changes/change-feed';
import { DatabaseHealth } from './database/database-health';
import { DeploymentStore } from './deployments/deployment-store';
import { ReplicaStore } from './replicas/replica-store';
import { ArmStatisticsStore } from './statistics/arm-statistics-store';
import { Store } from './store';
import { StoreSettings } from './store-settings';
import { TokenStore } from './tokens/token-store';
import { TokenVerifier } from './tokens/token-verifier';

/** Closes the database after everything that writes to it has stopped. */
@Injectable()
class CloseStore implements OnApplicationShutdown {
  constructor(private readonly store: Store) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}

const port = <T>(provide: Abstract<T>, pick: (store: Store) => T): Provider => ({
  provide,
  useFactory: pick,
  inject: [Store],
});

/** The durable state: deployments, audit trail, replicas, tokens, statistics. Open when the application has started. */
@Module({})
export class StoreModule {
  static forRoot(settings: StoreSettings): DynamicModule {
    const ports = [
      port(DeploymentStore, ({ deployments }) => deployments),
      port(AuditTrail, ({ audit }) => audit),
      port(ChangeFeed, ({ changes }) => changes),
      port(ReplicaStore, ({ replicas }) => replicas),
      port(TokenStore, ({ tokens }) => tokens),
      port(TokenVerifier, ({ verifier }) => verifier),
      port(ArmStatisticsStore, ({ statistics }) => statistics),
      port(DatabaseHealth, ({ health }) => health),
    ];
    return {
      module: StoreModule,
      global: true,
      providers: [
        { provide: StoreSettings, useValue: settings },
        {
          provide: Store,
          useFactory: (clock: Clock, logger: Logger) => Store.open(settings, clock, logger),
          inject: [Clock, Logger],
        },
        { provide: CloseStore, useFactory: (store: Store) => new CloseStore(store), inject: [Store] },
        ...ports,
      ],
      exports: [StoreSettings, ...ports],
    };
  }
}
