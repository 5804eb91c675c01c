export { type ChangeContext, Deployment } from './deployment/deployment';
export type { DeploymentState, SlotName } from './deployment/deployment-state';
export { Deployments } from './deployment/deployments';
export { FirstVersion } from './deployment/first-version';
export type { HeldVersions } from './deployment/held-versions';
export type { LoadProgress } from './deployment/load-progress';
export type { LoadedVersion } from './deployment/loaded-version';
export { type ServedDeployment, ServedDeployments } from './deployment/served-deployments';
export type { ServedVersion } from './deployment/served-version';
export { type PoolObserver, VersionPool } from './deployment/version-pool';
export type { VersionRef } from './deployment/version-ref';
export { ModelSlotsModule } from './model-slots.module';
export type { InferenceOutcome } from './runner/inference-outcome';
export type {
  Batching,
  FromRunner,
  LoadCommand,
  LoadStep,
  RunnerFacts,
  RunTiming,
  ToRunner,
} from './runner/runner-messages';
export type { Client } from './runner/waiting-request';
export type { RequestOutputs } from './runner/request-outputs';
export type { RunnerReport } from './runner/runner-place';
export { RunnerSockets } from './runner/runner-sockets';
export { MirroredDeployments } from './serving/mirrored-deployments';
export { type ServingSnapshot, takeSnapshot } from './serving/serving-snapshot';
