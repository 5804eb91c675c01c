import type { DeclaredAs, ModelSignature } from '@understudy/inference';
import type { ExecutionSettings } from '../execution/execution-settings';
import type { ModelRunner } from '../runner/model-runner';
import type { Batching } from '../runner/runner-messages';
import type { RunnerSettings } from './deployment-settings';
import type { ServedVersion } from './served-version';
import type { VersionIdentity } from './version-ref';

/** A version in memory: what it is, how to feed it, and the runner that runs it. */
export class LoadedVersion implements ServedVersion {
  constructor(
    /** Names this load of the version in this process. */
    readonly id: number,
    readonly identity: VersionIdentity,
    readonly runner: ModelRunner,
    readonly classNames: readonly string[] | null,
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
