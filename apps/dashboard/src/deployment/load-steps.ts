import type { Change } from '../api/types';

export type StepName = Change['steps'][number]['step'];

export interface LoadStep {
  readonly name: StepName;
  readonly state: 'done' | 'running' | 'todo' | 'failed';
  readonly ms: number | null;
  readonly bytes: { readonly done: number; readonly total: number } | null;
}

/** The steps that every load takes, in their order; others are shown only where they were taken. */
const ALWAYS: readonly StepName[] = ['resolve', 'fetch', 'check', 'start', 'warm'];

/** What was done, what is under way, and what is still to come. */
export function loadSteps({ state, steps, bytes, totalBytes }: Change): LoadStep[] {
  const taken = new Map(steps.map((step) => [step.step, step]));
  const last = steps.at(-1)?.step;
  const names = [
    ...ALWAYS,
    ...steps.map(({ step }) => step).filter((step) => !ALWAYS.includes(step) && step !== 'decide'),
  ];
  return names.map((name) => {
    const step = taken.get(name);
    const fetching = name === 'fetch' && step !== undefined && totalBytes !== null;
    return {
      name,
      state: stateOf(step !== undefined, name === last, state),
      ms: step?.ms ?? null,
      bytes: fetching ? { done: bytes, total: totalBytes } : null,
    };
  });
}

function stateOf(taken: boolean, isLast: boolean, change: Change['state']): LoadStep['state'] {
  if (!taken) return 'todo';
  if (!isLast || change === 'done') return 'done';
  return change === 'running' ? 'running' : 'failed';
}
