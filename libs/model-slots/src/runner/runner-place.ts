import type { RunnerRole } from './lane';
import type { RunnerEnd } from './runner-end';

/** Where a runner is to be found, for the serving processes that share it. */
export interface RunnerPlace {
  /** Among the runners of its version. */
  readonly id: number;
  readonly role: RunnerRole;
  /** Where its process listens; null while none does. */
  readonly socketPath: string | null;
  /** Why the process before this one ended. */
  readonly lastEnd: RunnerEnd | null;
}

/** What a serving process has seen of a runner's process. */
export interface RunnerReport {
  readonly runner: number;
  /** Which of its processes: what is said of one that has ended is not about the next. */
  readonly socketPath: string;
  readonly saw: { readonly kind: 'answered' | 'silent' | 'lost' } | { readonly kind: 'hung'; readonly problem: string };
}
