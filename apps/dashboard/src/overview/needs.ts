import type { Deployment } from '../api/types';
import { formatShare } from '../format';
import { versionName } from '../deployment/version-name';
import { texts } from '../texts/en';

/** How urgently a deployment wants to be looked at, most urgent first. */
export type Need = 'failing' | 'converging' | 'canary' | 'quiet';

const RANKS: Record<Need, number> = { failing: 0, converging: 1, canary: 2, quiet: 3 };

/** What both arms did lately; null where nothing is known yet. */
export interface ArmRates {
  readonly requestsPerSecond: number;
  readonly errorShare: number;
  /** How many requests that rests on. */
  readonly requests: number;
  readonly p99Ms: number | null;
}

export interface Assessment {
  readonly need: Need;
  /** One sentence that says why; null where there is nothing to say. */
  readonly sentence: string | null;
}

/** Fewer requests than this say nothing about an error rate. */
export const TOO_FEW_REQUESTS = 100;

const ALARMING_ERROR_SHARE = 0.05;
const ALARMING_FACTOR = 3;

/** Which of the four a deployment is, and the sentence for somebody who was just woken. */
export function assess(deployment: Deployment, current: ArmRates | null, next: ArmRates | null): Assessment {
  const { actual, change, converged, lastError } = deployment;
  if (actual.current === null) return { need: 'failing', sentence: texts.whyItNeeds.nothingServed };
  for (const slot of ['current', 'next'] as const) {
    const held = actual[slot];
    if (held !== null && held.runner.state !== 'ready') {
      const { state, lastProblem } = held.runner;
      return { need: 'failing', sentence: texts.whyItNeeds.runner(slot, versionName(held), state, lastProblem) };
    }
  }
  const errors = errorSentence(current, next);
  if (errors !== null) return { need: 'failing', sentence: errors };
  if (change?.state === 'failed' && change.modelUri !== null) {
    return {
      need: 'failing',
      sentence: texts.whyItNeeds.loadFailed(change.modelUri, change.problem?.detail),
    };
  }
  if (!converged) {
    return { need: 'converging', sentence: lastError?.detail ?? texts.whyItNeeds.notEverywhere };
  }
  if (change?.state === 'running') {
    return { need: 'converging', sentence: texts.whyItNeeds.loading(change.modelUri, change.step) };
  }
  if (actual.canaryProbability < 1 && actual.next !== null) {
    return {
      need: 'canary',
      sentence: texts.whyItNeeds.canary(versionName(actual.next), formatShare(1 - actual.canaryProbability)),
    };
  }
  return { need: 'quiet', sentence: null };
}

function errorSentence(current: ArmRates | null, next: ArmRates | null): string | null {
  if (current !== null && current.requests >= TOO_FEW_REQUESTS && current.errorShare >= ALARMING_ERROR_SHARE) {
    return texts.whyItNeeds.currentErrors(formatShare(current.errorShare));
  }
  if (next === null || next.requests < TOO_FEW_REQUESTS || next.errorShare === 0) return null;
  const before = current?.errorShare ?? 0;
  if (before === 0) return next.errorShare >= 0.01 ? texts.whyItNeeds.nextErrors(formatShare(next.errorShare)) : null;
  const factor = next.errorShare / before;
  return factor >= ALARMING_FACTOR ? texts.whyItNeeds.moreErrors(Math.round(factor)) : null;
}

/** The neediest first, then by name. */
export function byNeed<T extends { readonly deployment: { readonly name: string }; readonly assessment: Assessment }>(
  items: readonly T[],
): T[] {
  return items.toSorted(
    (a, b) =>
      RANKS[a.assessment.need] - RANKS[b.assessment.need] || a.deployment.name.localeCompare(b.deployment.name, 'en'),
  );
}
