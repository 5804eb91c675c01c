import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Clock, Logger, NestLogger, SystemClock } from '@understudy/platform';
import {
  ArmStatisticsStore,
  AuditTrail,
  ChangeFeed,
  DatabaseHealth,
  DeploymentStore,
  ReplicaStore,
  StoreModule,
  TokenStore,
  TokenVerifier,
} from '@understudy/store';
import { desired, onBothKinds, ORIGIN, settingsFor, TestDatabases } from './support/databases';

@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: Logger, useValue: Logger.silent() },
  ],
  exports: [Clock, Logger],
})
class Platform {}

@Module({})
class Root {}

onBothKinds('StoreModule', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('gives each port to whom asks for it, and closes the database with the application', async () => {
    const place = await databases.fresh();
    const root = { module: Root, imports: [Platform, StoreModule.forRoot(settingsFor(place))] };
    const logger = new NestLogger(Logger.silent());
    const application = await NestFactory.createApplicationContext(root, { logger });
    const ports = [AuditTrail, ChangeFeed, ReplicaStore, TokenStore, TokenVerifier, ArmStatisticsStore, DatabaseHealth];
    for (const port of ports) expect(application.get(port, { strict: false })).toBeInstanceOf(port);
    await application.get(DatabaseHealth, { strict: false }).check();
    await application.get(DeploymentStore, { strict: false }).change({
      name: 'default',
      expectedGeneration: null,
      desired: desired(1),
      action: 'create',
      origin: ORIGIN,
    });
    await application.close();
    expect(await (await databases.open(place)).deployments.readAll()).toHaveLength(1);
  });
});
