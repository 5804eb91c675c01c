import { describeSplit } from '@understudy/canary';
import type { ChangeOutcome } from '@understudy/control';
import type { CanaryAnswer, PromotionAnswer, RollbackAnswer, UpdateModelAnswer } from './control.dto';

const UNRECORDED =
  ' on this replica. The database does not answer: the record, and other replicas, follow when it is back.';

/** The answers to changes, with the bodies of the service that this one matches. */
export const specAnswers = {
  updated:
    (modelUri: string) =>
    ({ deployment }: ChangeOutcome): UpdateModelAnswer => ({
      status: `Next model updated from ${modelUri}`,
      canary_probability: deployment?.canaryProbability ?? 1,
    }),

  promoted: ({ deployment }: ChangeOutcome): PromotionAnswer => ({
    status: 'Next model promoted to current. Both slots now use the same model.',
    current_model_loaded: deployment?.current != null,
    next_model_loaded: deployment?.next != null,
  }),

  split: ({ deployment }: ChangeOutcome): CanaryAnswer => {
    const canaryProbability = deployment?.canaryProbability ?? 1;
    const { current, next } = describeSplit(canaryProbability);
    return {
      status: 'Canary probability updated',
      canary_probability: canaryProbability,
      current_model_percentage: current,
      next_model_percentage: next,
    };
  },

  rolledBack: ({ deployment, recorded }: ChangeOutcome): RollbackAnswer => ({
    status: `Rolled back to ${deployment?.current?.uri ?? ''}, which now answers every request${recorded ? '.' : UNRECORDED}`,
    canary_probability: deployment?.canaryProbability ?? 1,
    current_model: deployment?.current?.uri ?? '',
    previous_model: deployment?.previous?.uri ?? '',
  }),
};
