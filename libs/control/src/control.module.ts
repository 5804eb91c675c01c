import { Module } from '@nestjs/common';
import { ModelSlotsModule } from '@understudy/model-slots';
import { RegistryModule } from '@understudy/registry';
import { Changes } from './changes/changes';
import { DryRun } from './changes/dry-run';
import { History } from './changes/history';
import { Preparation } from './changes/preparation';
import { DeploymentControl } from './deployment-control';
import { FirstVersion } from './first-version';
import { ManagedDeployments } from './managed-deployments';
import { Attempts } from './record/attempts';
import { DatabaseWatch } from './record/database-watch';
import { RecordQueue } from './record/record-queue';
import { Reconciler } from './reconcile/reconciler';
import { PromotionGate } from './replicas/promotion-gate';
import { ReplicaIdentity } from './replicas/replica-identity';
import { Replicas } from './replicas/replicas';
import { Rollbacks } from './rollbacks';
import { VersionsInStates } from './versions-in-states';

/** What is wanted of each deployment, how that changes, and how every replica gets there. */
@Module({
  imports: [ModelSlotsModule, RegistryModule],
  providers: [
    ManagedDeployments,
    DeploymentControl,
    Preparation,
    DryRun,
    History,
    Changes,
    Rollbacks,
    Reconciler,
    FirstVersion,
    VersionsInStates,
    Replicas,
    ReplicaIdentity,
    PromotionGate,
    DatabaseWatch,
    RecordQueue,
    Attempts,
  ],
  exports: [
    ManagedDeployments,
    DeploymentControl,
    Changes,
    FirstVersion,
    Reconciler,
    Replicas,
    DatabaseWatch,
    RecordQueue,
    Attempts,
  ],
})
export class ControlModule {}
