/** The shapes that the screens are made of. (Interim: replaced by aliases of schema.d.ts once the routes are there.) */
export interface Runner {
  readonly state: 'starting' | 'ready' | 'suspect' | 'restarting' | 'failed' | 'ended';
  readonly pid: number | null;
  readonly restarts: number;
  readonly lastProblem: string | null;
  readonly waitingRequests: number;
}

export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly columns: readonly string[] | null;
  readonly source: 'mlmodel' | 'onnx';
}

export interface Slot {
  readonly uri: string;
  readonly requestedUri: string;
  readonly name: string;
  readonly version: string | null;
  readonly digest: string;
  readonly bytes: number;
  readonly loadedAt: string;
  readonly loadMs: number;
  readonly signature: Signature;
  readonly classNames: readonly string[] | null;
  readonly batching: { readonly batched: boolean; readonly maxRows: number | null; readonly because: string };
  readonly warmedWith: string;
  readonly runner: Runner;
}

export interface VersionRef {
  readonly uri: string;
  readonly requestedUri: string;
  readonly name: string;
  readonly version: string | null;
  readonly digest: string;
}

export type SlotName = 'current' | 'next' | 'previous';

export interface WantedState {
  readonly current: VersionRef | null;
  readonly next: VersionRef | null;
  readonly previous: VersionRef | null;
  readonly canaryProbability: number;
}

export interface Change {
  readonly id: string;
  readonly action: string;
  readonly modelUri: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly step: string;
  readonly steps: readonly { readonly step: string; readonly startedAt: string; readonly ms: number | null }[];
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

export interface Deployment {
  readonly name: string;
  readonly generation: number;
  readonly wanted: WantedState;
  readonly actual: Readonly<Record<SlotName, Slot | null>> & {
    readonly generation: number;
    readonly canaryProbability: number;
  };
  readonly converged: boolean;
  readonly change: Change | null;
  readonly lastChange: {
    readonly action: string;
    readonly at: string;
    readonly actor: string;
    readonly reason: string | null;
    readonly requestId: string;
  } | null;
  readonly lastError: { readonly code: string; readonly detail: string; readonly at: string } | null;
  readonly replicas: { readonly live: number; readonly reached: number };
}
