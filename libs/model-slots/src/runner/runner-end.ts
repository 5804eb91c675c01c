import type { InferenceOutcome } from './inference-outcome';

/** Why a runner is not there any more. */
export interface RunnerEnd {
  /** By itself or by somebody's hand; by us because it came to no end, or because it took too much memory. */
  readonly kind: 'exited' | 'hung' | 'too-much-memory';
  /** For people: `its process ended (signal SIGSEGV)`. */
  readonly problem: string;
}

const NOT_AGAIN = 'so it is not tried again. Other requests are served';

/** What a request is told that was being run, in the end by itself, when its second runner ended: it would end the next one too. */
export function poisonOutcome(end: RunnerEnd): InferenceOutcome & { readonly ok: false } {
  switch (end.kind) {
    case 'exited':
      return {
        ok: false,
        code: 'inference-failed',
        problem: `The model’s process ended twice while it ran this request, ${NOT_AGAIN}`,
      };
    case 'hung':
      return {
        ok: false,
        code: 'inference-timeout',
        problem: `The model came to no end with this request, twice, and its process was ended each time (${end.problem}), ${NOT_AGAIN}`,
      };
    case 'too-much-memory':
      return {
        ok: false,
        code: 'inference-failed',
        problem: `The model’s process was ended twice while it ran this request, the last time because ${end.problem}, ${NOT_AGAIN}`,
      };
  }
}
