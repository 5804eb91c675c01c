import { phaseNow } from './connection';

/**
 * How often what is on screen is asked for anew; nowhere else. TanStack Query asks only for what a visible component uses, and not
 * while the page is hidden.
 */
const every = (ms: number) => ({ refetchInterval: ms, staleTime: ms / 2 });

/** What the stream tells; only where there is none it is asked for. */
const told = (ms: number) => ({
  refetchInterval: () => (phaseNow() === 'polling' ? ms : (false as const)),
  staleTime: () => (phaseNow() === 'polling' ? ms / 2 : Number.POSITIVE_INFINITY),
});

/** State and progress of deployments. */
export const TOLD_STATE = told(5_000);

/** The figures of their last minutes. */
export const TOLD_FIGURES = told(15_000);

/** What no stream tells, only that it changed: then it is asked for, and slowly besides. */
export const HINTED = {
  refetchInterval: () => (phaseNow() === 'polling' ? 5_000 : 10_000),
  staleTime: 2_000,
};

/** What is written once a minute and moves slowly. */
export const FIGURES = every(30_000);

/** What changes when people do something elsewhere. */
export const LISTS = every(30_000);
