import type { Deployment } from '../api/types';
import { versionName } from './version-name';

/** An action is possible, or it says why it is not. */
export type Possibility = { readonly possible: true } | { readonly possible: false; readonly why: string };

export type Action = 'load-next' | 'promote' | 'roll-back' | 'set-split' | 'unload-next';

const POSSIBLE: Possibility = { possible: true };
const not = (why: string): Possibility => ({ possible: false, why });

/** Which actions a deployment allows just now, by the server's own rules; the server decides in any case. */
export function whatCanBeDone({ actual, change }: Deployment, mayOperate: boolean): Record<Action, Possibility> {
  if (!mayOperate) {
    const why =
      'Your token may look but not change anything. An administrator can give you one with the scope "operate".';
    return {
      'load-next': not(why),
      promote: not(why),
      'roll-back': not(why),
      'set-split': not(why),
      'unload-next': not(why),
    };
  }
  const loading = change?.state === 'running' ? (change.modelUri ?? 'a version') : null;
  const { current, next, previous } = actual;
  const same = current !== null && next !== null && current.uri === next.uri && current.digest === next.digest;
  return {
    'load-next': loading === null ? POSSIBLE : not(`${loading} is being loaded; wait until it is done, or cancel it.`),
    promote: promotion(),
    'roll-back': previous === null ? not('Nothing was promoted yet, so there is no version to go back to.') : POSSIBLE,
    'set-split': next === null ? not('Next is empty; load a version into it first.') : POSSIBLE,
    'unload-next': unloading(),
  };

  function promotion(): Possibility {
    if (loading !== null) return not(`${loading} is being loaded into next; promote it once it is there.`);
    if (next === null) return not('Next is empty; load a version into it first.');
    if (same) return not(`${versionName(next)} is current already.`);
    if (next.runner.state !== 'ready') return not(`${versionName(next)} cannot answer now (${next.runner.state}).`);
    return POSSIBLE;
  }

  function unloading(): Possibility {
    if (next === null) return not('Next is empty.');
    if (actual.canaryProbability < 1) return not('Next still gets requests; give current 100 % first.');
    return POSSIBLE;
  }
}
