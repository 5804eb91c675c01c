import type { ManagedDeployment } from '@understudy/control';
import type { LoadedVersion } from '@understudy/model-slots';
import type { RepositoryItem } from './open-inference.dto';

/** A deployment as the repository index lists it: once for each version that it holds or is getting. */
export function listDeployment({ name, served: { held }, preparing, converging }: ManagedDeployment): RepositoryItem[] {
  const loading = preparing ?? converging;
  const loaded = [...new Set([held.current, held.next])].filter((version) => version !== null);
  const items = loaded.map((version) => describe(name, version));
  if (loading !== null)
    items.push({ name, state: 'LOADING', reason: `${loading.modelUri ?? 'what is wanted'}, step ${loading.step}` });
  if (items.length === 0) items.push({ name, state: 'UNAVAILABLE', reason: 'no version is loaded yet' });
  return items;
}

function describe(name: string, { identity, isReady, runner }: LoadedVersion): RepositoryItem {
  const { state, lastProblem } = runner.status;
  return {
    name,
    ...(identity.version === null ? {} : { version: identity.version }),
    state: isReady ? 'READY' : 'UNAVAILABLE',
    reason: isReady ? '' : `${state}${lastProblem === null ? '' : `: ${lastProblem}`}`,
  };
}
