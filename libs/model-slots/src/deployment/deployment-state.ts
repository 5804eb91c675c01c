import { isDeepStrictEqual } from 'node:util';
import type { DeploymentSettings } from './deployment-settings';
import { isSameVersion, type VersionRef } from './version-ref';

export type SlotName = 'current' | 'next' | 'previous';

/** The slots that answer requests. */
export type ServingSlot = Exclude<SlotName, 'previous'>;

/** What a deployment is wanted to be: which version each slot holds and how requests are shared out. */
export interface DeploymentState {
  /** Grows by one with every change. */
  readonly generation: number;
  readonly current: VersionRef | null;
  readonly next: VersionRef | null;
  /** What current was before the last promotion or rollback; kept warm. */
  readonly previous: VersionRef | null;
  /** The share of requests that current answers: 1 is all current, 0 is all next. */
  readonly canaryProbability: number;
  readonly settings: DeploymentSettings;
}

export const EMPTY_STATE: DeploymentState = {
  generation: 0,
  current: null,
  next: null,
  previous: null,
  canaryProbability: 1,
  settings: {},
};

/** A change that somebody asks for. */
export type Change =
  /** Puts the first version into the slots that are still empty. */
  | { readonly kind: 'fill'; readonly version: VersionRef }
  | { readonly kind: 'load-next'; readonly version: VersionRef }
  | { readonly kind: 'promote' }
  | { readonly kind: 'roll-back' }
  | { readonly kind: 'set-split'; readonly canaryProbability: number }
  | { readonly kind: 'unload-next' }
  /** The whole wanted state at once; what current was stays to go back to. */
  | { readonly kind: 'replace'; readonly wanted: WantedState }
  /** Back to an earlier state, as it was. */
  | { readonly kind: 'restore'; readonly wanted: WantedState & Pick<DeploymentState, 'previous'> };

/** What a whole new state says; the generation and the version to go back to follow from it. */
export type WantedState = Pick<DeploymentState, 'current' | 'next' | 'canaryProbability' | 'settings'>;

/** What is true at the moment of the decision. */
export interface Facts {
  /** Whether next holds a version that can answer now. */
  readonly nextIsReady: boolean;
  /** The version that is being loaded into next; null when none is. */
  readonly loading: string | null;
  /** Whether the version to go back to is in memory. */
  readonly previousIsHeld: boolean;
}

export type Decision =
  | { readonly ok: true; readonly state: DeploymentState; readonly changed: boolean }
  | {
      readonly ok: false;
      readonly code: 'change-conflict' | 'next-not-ready' | 'next-in-use' | 'no-previous-version';
      readonly why: string;
    };

/** What a change makes of a deployment, or why it cannot be made. Pure: whoever asks performs it. */
export function decide(state: DeploymentState, change: Change, facts: Facts): Decision {
  switch (change.kind) {
    case 'fill':
      return applied(state, { current: state.current ?? change.version, next: state.next ?? change.version });
    case 'load-next':
      return applied(state, { next: change.version });
    case 'set-split':
      return applied(state, { canaryProbability: change.canaryProbability });
    case 'promote':
      return promote(state, facts);
    case 'roll-back':
      return rollBack(state, facts);
    case 'unload-next':
      return unloadNext(state, facts);
    case 'replace':
      return applied(state, { ...change.wanted, previous: keptPrevious(state, change.wanted.current) });
    case 'restore':
      return applied(state, change.wanted);
  }
}

/** What current was before; what is current already leaves the version to go back to alone. */
function keptPrevious(state: DeploymentState, current: VersionRef | null): VersionRef | null {
  return state.current === null || isSameVersion(state.current, current) ? state.previous : state.current;
}

function unloadNext(state: DeploymentState, { loading }: Facts): Decision {
  if (loading !== null) {
    const why = `${loading} is being loaded into next; cancel that, or wait until it is there`;
    return { ok: false, code: 'change-conflict', why };
  }
  if (state.next !== null && state.canaryProbability < 1) {
    const why = `next (${state.next.uri}) answers a share of the requests; set the canary probability to 1 first`;
    return { ok: false, code: 'next-in-use', why };
  }
  return applied(state, { next: null });
}

function promote(state: DeploymentState, { nextIsReady, loading }: Facts): Decision {
  if (loading !== null) {
    return {
      ok: false,
      code: 'change-conflict',
      why: `${loading} is being loaded into next; promote it once it is there, so that it is clear what is promoted`,
    };
  }
  if (state.next === null)
    return { ok: false, code: 'next-not-ready', why: 'next is empty; load a version into it first' };
  if (!nextIsReady)
    return { ok: false, code: 'next-not-ready', why: `next (${state.next.uri}) cannot answer now, so current stays` };
  // Promoting what is current already changes nothing; above all it must not overwrite the version to go back to.
  if (isSameVersion(state.current, state.next)) return { ok: true, state, changed: false };
  return applied(state, { current: state.next, previous: state.current });
}

/**
 * Current and previous change places, and current answers everything again: with the split left as it was, a rollback after a
 * full canary would send every request to the version that is being taken back.
 */
function rollBack(state: DeploymentState, { previousIsHeld }: Facts): Decision {
  if (state.previous === null) {
    return {
      ok: false,
      code: 'no-previous-version',
      why: 'nothing was promoted yet, so there is no version to go back to',
    };
  }
  if (!previousIsHeld) {
    const why = `previous (${state.previous.uri}) is not in memory here yet; try again in a moment`;
    return { ok: false, code: 'no-previous-version', why };
  }
  return applied(state, { current: state.previous, previous: state.current, canaryProbability: 1 });
}

function applied(state: DeploymentState, change: Partial<DeploymentState>): Decision {
  const changed = Object.entries(change).some(
    ([key, value]) => !isDeepStrictEqual(state[key as keyof DeploymentState], value),
  );
  if (!changed) return { ok: true, state, changed };
  return { ok: true, state: { ...state, ...change, generation: state.generation + 1 }, changed };
}
