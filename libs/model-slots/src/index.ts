export { type ChangeContext, Deployment } from './deployment/deployment';
export type { DeploymentState, SlotName } from './deployment/deployment-state';
export { Deployments } from './deployment/deployments';
export { FirstVersion } from './deployment/first-version';
export type { HeldVersions } from './deployment/held-versions';
export type { LoadProgress } from './deployment/load-progress';
export type { LoadedVersion } from './deployment/loaded-version';
export { type ServedDeployment, ServedDeployments } from './deployment/served-deployments';
export type { VersionRef } from './deployment/version-ref';
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
