import type { Deployment } from '../api/types';
import { texts } from '../texts/en';
import { versionName } from './version-name';

/** An action is possible, or it says why it is not. */
export type Possibility = { readonly possible: true } | { readonly possible: false; readonly why: string };

export type Action = 'load-next' | 'promote' | 'roll-back' | 'set-split' | 'unload-next';

const POSSIBLE: Possibility = { possible: true };
const not = (why: string): Possibility => ({ possible: false, why });

/** Which actions a deployment allows just now, by the server's own rules; the server decides in any case. */
export function whatCanBeDone({ actual, change }: Deployment, mayOperate: boolean): Record<Action, Possibility> {
  if (!mayOperate) {
    const why = not(texts.why.mayNot);
    return { 'load-next': why, promote: why, 'roll-back': why, 'set-split': why, 'unload-next': why };
  }
  const loading = change?.state === 'running' ? (change.modelUri ?? texts.why.aVersion) : null;
  const { current, next, previous } = actual;
  const same = current !== null && next !== null && current.uri === next.uri && current.digest === next.digest;
  return {
    'load-next': loading === null ? POSSIBLE : not(texts.why.loading(loading)),
    promote: promotion(),
    'roll-back': previous === null ? not(texts.why.neverPromoted) : POSSIBLE,
    'set-split': next === null ? not(texts.why.nextEmpty) : POSSIBLE,
    'unload-next': unloading(),
  };

  function promotion(): Possibility {
    if (loading !== null) return not(texts.why.loadingNext(loading));
    if (next === null) return not(texts.why.nextEmpty);
    if (same) return not(texts.why.alreadyCurrent(versionName(next)));
    if (next.runner.state !== 'ready')
      return not(texts.why.notReady(versionName(next), texts.states[next.runner.state]));
    return POSSIBLE;
  }

  function unloading(): Possibility {
    if (next === null) return not(texts.why.nothingToUnload);
    if (actual.canaryProbability < 1) return not(texts.why.stillAsked);
    return POSSIBLE;
  }
}
