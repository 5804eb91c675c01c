/**
 * How often what is on screen is asked for anew; nowhere else. TanStack Query asks only for what a visible component uses, and not
 * while the page is hidden.
 */
const every = (ms: number) => ({ refetchInterval: ms, staleTime: ms / 2 });

/** What a person waits for: state and progress. */
export const STATE = every(2_000);

/** What is written once a minute and moves slowly. */
export const FIGURES = every(10_000);

/** What changes when people do something elsewhere. */
export const LISTS = every(30_000);
