import { AuditRowEntity } from './audit/audit-row';
import { DeploymentRowEntity } from './deployments/deployment-row';
import { IdempotencyRowEntity } from './deployments/idempotency';
import { ReplicaRowEntity } from './replicas/sql-replica-store';
import { ArmMinuteEntity } from './statistics/sql-arm-statistics-store';
import { TokenRowEntity } from './tokens/sql-token-store';

/** Every table that is read and written through TypeORM; the migrations make them. */
export const ENTITIES = [
  AuditRowEntity,
  DeploymentRowEntity,
  IdempotencyRowEntity,
  ReplicaRowEntity,
  TokenRowEntity,
  ArmMinuteEntity,
];
