import type { LoadStep } from '../runner/runner-messages';

export type ProgressStep = 'resolve' | 'fetch' | LoadStep;

/** How far a version has got on its way into a slot. */
export interface LoadProgress {
  /** The URI that was asked for. */
  readonly modelUri: string;
  readonly step: ProgressStep;
  readonly startedAt: Date;
  /** Bytes fetched so far, and in all; null where they are not known. */
  readonly bytes: number;
  readonly totalBytes: number | null;
}
