import type { DeclaredAs, ModelSignature } from '@understudy/inference';
import type { ExecutionSettings } from '../execution/execution-settings';
import type { ModelRunner } from '../runner/model-runner';
import type { Batching } from '../runner/runner-messages';
import type { RunnerSettings } from './deployment-settings';
import type { VersionIdentity } from './version-ref';

/** A version in memory: what it is, how to feed it, and the runner that runs it. */
export class LoadedVersion {
  constructor(
    readonly identity: VersionIdentity,
    readonly runner: ModelRunner,
    /** Names for the labels 0, 1, ... where the model tells them. */
    readonly classNames: readonly string[] | null,
    /** What the MLmodel file declares the inputs to be; clients of MLflow's scoring server get answers by it. */
    readonly declaredAs: DeclaredAs,
    readonly bytes: number,
    readonly loadedAt: Date,
    readonly loadMs: number,
    /** How the runtime runs it. */
    readonly execution: ExecutionSettings,
    /** What its runner was started with. */
    readonly startedWith: RunnerSettings = {},
    /** Where its own input example is on this machine; null for a version without one. */
    readonly examplePath: string | null = null,
  ) {}

  get signature(): ModelSignature {
    return this.runner.facts.signature;
  }

  get batching(): Batching {
    return this.runner.facts.batching;
  }

  get isReady(): boolean {
    return this.runner.isReady;
  }
}
