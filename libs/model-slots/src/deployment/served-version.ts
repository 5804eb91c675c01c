import type { DeclaredAs, ModelSignature } from '@understudy/inference';
import type { RunnerLanes } from '../runner/runner-lanes';
import type { Batching } from '../runner/runner-messages';
import type { VersionIdentity } from './version-ref';

/** A version as answering a request needs it: what it is, how to feed it, and who runs it. */
export interface ServedVersion {
  readonly identity: VersionIdentity;
  readonly signature: ModelSignature;
  readonly batching: Batching;
  /** Names for the labels 0, 1, ... where the model tells them. */
  readonly classNames: readonly string[] | null;
  /** What the MLmodel file declares the inputs to be; clients of MLflow's scoring server get answers by it. */
  readonly declaredAs: DeclaredAs;
  readonly isReady: boolean;
  readonly runner: Pick<RunnerLanes, 'whyBusy' | 'infer'>;
}
