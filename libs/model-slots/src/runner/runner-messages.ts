import type { DeclaredSignature, ModelSignature } from '@understudy/inference';
import type { ExecutionSettings } from '../execution/execution-settings';

/**
 * The control messages between the server and a runner, over the fork's own channel. Tensors travel on the socket (see frame.ts).
 * The channel also ties the two lives together: a runner whose channel closes ends itself.
 */
export type ToRunner = LoadCommand;

export interface LoadCommand {
  readonly type: 'load';
  /** Absolute path of the ONNX file; everything it may refer to is below `directory`. */
  readonly modelPath: string;
  readonly directory: string;
  /** Where the runner listens for tensors. */
  readonly socketPath: string;
  readonly declared: DeclaredSignature | undefined;
  readonly featureNames: readonly string[] | undefined;
  /** Absolute path of the model's input example; null where it has none. */
  readonly examplePath: string | null;
  readonly execution: ExecutionSettings;
  /** Where graphs are kept that the runtime has optimised, and under what name this one; null where none may be kept. */
  readonly optimizedGraphs: OptimizedGraphs | null;
  /** Most bytes that the outputs of one run may have; and those of memory that the runner may take, for sentences about it. */
  readonly maxOutputBytes: number;
  readonly memoryLimitBytes: number;
  /** What an earlier load of the same files proved; the runner then does not prove it again. */
  readonly known: RunnerFacts | null;
}

export interface OptimizedGraphs {
  readonly directory: string;
  /** Digest of the version's files. */
  readonly version: string;
  /** Bytes that all of them may have together. */
  readonly maxBytes: number;
}

export type LoadStep = 'check' | 'start' | 'warm';

export type FromRunner =
  | { readonly type: 'step'; readonly step: LoadStep }
  | { readonly type: 'ready'; readonly facts: RunnerFacts }
  | { readonly type: 'failed'; readonly step: LoadStep; readonly problem: string };

/** What a runner found out about its model while loading it. */
export interface RunnerFacts {
  readonly signature: ModelSignature;
  /** Names of the classes that the graph itself tells; null where it tells none. */
  readonly classNames: readonly string[] | null;
  /** Outputs of the graph that are no tensors: the runtime cannot give them out, so they are left out of every answer. */
  readonly outputsLeftOut: readonly string[];
  /** Where the graph came from: optimised in this load, the same and kept for the next, or kept by an earlier one. */
  readonly graph: 'optimised' | 'optimised-and-kept' | 'kept';
  readonly batching: Batching;
  /** How it was warmed: with the model's own example, with zeros, or not at all and why. */
  readonly warmedWith: 'example' | 'zeros' | { readonly notWarmedBecause: string };
  /**
   * How long runs took: one row and then the most rows where rows share runs, the warming run where they do not; empty where
   * nothing could be run. Later runs are judged by it.
   */
  readonly timings: readonly RunTiming[];
}

/** How long a run took, and how much it had to do. */
export interface RunTiming {
  readonly rows: number;
  /** Elements of all inputs together. */
  readonly elements: number;
  readonly ms: number;
}

/** Whether rows of different requests may share one run. */
export type Batching =
  | {
      readonly batched: true;
      /** Most rows in one run. */
      readonly maxRows: number;
      /** Milliseconds that a run of one row and of `maxRows` rows took, after warming. */
      readonly oneRowMs: number;
      readonly maxRowsMs: number;
      /** Largest relative difference seen between rows alone and together; 0 means bit for bit the same. */
      readonly difference: number;
    }
  | { readonly batched: false; readonly because: string };
