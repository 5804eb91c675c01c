import type { DeploymentSettings } from '@understudy/model-slots';
import type { IdempotencyKey, Origin } from '@understudy/store';

/** What somebody wants of a deployment. */
export type Intent =
  | { readonly kind: 'load-next'; readonly modelUri: string }
  /** The first version of all, into the slots that are empty. */
  | { readonly kind: 'fill'; readonly modelUri: string }
  | { readonly kind: 'promote' }
  | { readonly kind: 'roll-back' }
  | { readonly kind: 'set-split'; readonly canaryProbability: number }
  | { readonly kind: 'unload-next' }
  | {
      readonly kind: 'replace';
      readonly current: string;
      readonly next: string | null;
      readonly canaryProbability: number;
      readonly settings: DeploymentSettings;
    }
  | { readonly kind: 'restore'; readonly generation: number }
  | { readonly kind: 'remove' };

/** On which conditions a change is to be made. */
export interface Preconditions {
  /** The generation that it was decided on; `exists` where any will do, undefined where nothing was said. */
  readonly ifMatch: number | 'exists' | undefined;
  readonly mustNotExist: boolean;
}

/** Everything about a change but what it is. */
export interface ChangeOptions extends Preconditions {
  readonly origin: Origin;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

export const modelUriOf = (intent: Intent): string | null => {
  if (intent.kind === 'load-next' || intent.kind === 'fill') return intent.modelUri;
  return intent.kind === 'replace' ? intent.current : null;
};
