export { checkFits, outputIndexOf } from './deployment/check-fits';
export { Deployment } from './deployment/deployment';
export { type DeploymentSettings, type GuardSettings, readDeploymentSettings } from './deployment/deployment-settings';
export {
  type Change,
  decide,
  type DeploymentState,
  EMPTY_STATE,
  type Facts,
  type SlotName,
} from './deployment/deployment-state';
export { Deployments } from './deployment/deployments';
export type { HeldVersions } from './deployment/held-versions';
export type { LoadProgress, ProgressStep } from './deployment/load-progress';
export type { LoadedVersion } from './deployment/loaded-version';
export {
  DEFAULT_DEPLOYMENT,
  deploymentNotFound,
  type ServedDeployment,
  ServedDeployments,
} from './deployment/served-deployments';
export type { ServedVersion } from './deployment/served-version';
export { type HeldLoad, type LoadNews, VersionLoader } from './deployment/version-loader';
export { type PoolObserver, VersionPool } from './deployment/version-pool';
export { isSameVersion, type VersionRef } from './deployment/version-ref';
export {
  EXECUTION_PROVIDERS,
  type ExecutionProvider,
  type ExecutionSettings,
  type ExecutionWishes,
  OPTIMIZATION_LEVELS,
  type OptimizationLevel,
} from './execution/execution-settings';
export { ModelSlotsModule } from './model-slots.module';
export type { InferenceOutcome } from './runner/inference-outcome';
export type {
  Batching,
  FromRunner,
  LoadCommand,
  LoadStep,
  OptimizedGraphs,
  RunnerFacts,
  RunTiming,
  ToRunner,
} from './runner/runner-messages';
export { MemoryPressure } from './runner/memory-pressure';
export type { Client } from './runner/waiting-request';
export type { OutputRange, RequestOutputs } from './runner/request-outputs';
export type { RunObserver } from './runner/run-observer';
export type { RunnerStatus } from './runner/model-runner';
export { RUNNER_STATES, type RunnerState } from './runner/runner-lifecycle';
export type { RunnerReport } from './runner/runner-place';
export { RunnerSockets } from './runner/runner-sockets';
export { WaitingRoom } from './runner/waiting-room';
export { MirroredDeployments } from './serving/mirrored-deployments';
export { type ServingSnapshot, takeSnapshot } from './serving/serving-snapshot';
