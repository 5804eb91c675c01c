export type { ChainHead, ChainVerdict } from './audit/audit-chain';
export type { AuditEntry, AuditEvent, AuditOutcome, JsonValue, Origin } from './audit/audit-event';
export { type AuditFilter, type AuditPage, AuditTrail } from './audit/audit-trail';
export { ChangeFeed } from './changes/change-feed';
export type {
  DeploymentChange,
  DeploymentChanged,
  DeploymentRecord,
  DesiredState,
  IdempotencyKey,
  VersionRecord,
} from './deployments/deployment-record';
export { DatabaseHealth } from './database/database-health';
export { DeploymentStore } from './deployments/deployment-store';
export { keyOwner } from './deployments/idempotency';
export {
  type DeploymentReport,
  type ReplicaRecord,
  type ReplicaReport,
  ReplicaStore,
  type SlotReport,
} from './replicas/replica-store';
export {
  addTotals,
  type ArmMinute,
  type ArmTotals,
  type Counts,
  minuteOf,
  OTHER_LABELS,
} from './statistics/arm-statistics';
export { type ArmSeriesPoint, ArmStatisticsStore, type StatisticsRange } from './statistics/arm-statistics-store';
export { Store } from './store';
export { StoreModule } from './store.module';
export { type DatabasePlace, StoreSettings } from './store-settings';
export { type HashedToken, TOKEN_SCOPES, type TokenRecord, type TokenScope, type TokenVerdict } from './tokens/token';
export { TokenSnapshot } from './tokens/token-snapshot';
export { type CreatedToken, type NewToken, TokenStore } from './tokens/token-store';
export { TokenVerifier } from './tokens/token-verifier';
