import type { RequestOutputs } from './request-outputs';

/** What came of one request. */
export type InferenceOutcome =
  | { readonly ok: true; readonly outputs: RequestOutputs }
  | {
      readonly ok: false;
      readonly code: 'inference-failed' | 'inference-timeout' | 'model-not-ready' | 'overloaded';
      readonly problem: string;
      /** When trying again is worth it, where that is known. */
      readonly retryAfterSeconds?: number;
    };
