import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from './client';
import type { Deployment } from './types';

/** What a person may ask of a deployment. */
export type ChangeRequest =
  | { readonly kind: 'load-next'; readonly modelUri: string }
  | { readonly kind: 'promote' }
  | { readonly kind: 'roll-back' }
  | { readonly kind: 'set-split'; readonly canaryProbability: number }
  | { readonly kind: 'unload-next' }
  | { readonly kind: 'restore'; readonly generation: number };

export interface AskedChange {
  readonly change: ChangeRequest;
  readonly reason: string;
  /** As it was on screen when the person decided: refused where somebody else changed it meanwhile. */
  readonly seen: Pick<Deployment, 'name' | 'generation'>;
}

/** Asks for a change. A load is answered when it has begun, and followed on the deployment; all else when it is done. */
async function ask({ change, reason, seen }: AskedChange): Promise<unknown> {
  const path = { deployment: seen.name };
  const header = { 'If-Match': `"g${seen.generation}"` };
  const why = reason === '' ? {} : { reason };
  switch (change.kind) {
    case 'load-next':
      return dataOf(
        api.POST('/deployments/{deployment}/update-model', {
          params: { path, header: { ...header, Prefer: 'respond-async' } },
          body: { model_uri: change.modelUri, ...why },
        }),
      );
    case 'promote':
      return dataOf(api.POST('/deployments/{deployment}/accept-next-model', { params: { path, header }, body: why }));
    case 'roll-back':
      return dataOf(api.POST('/deployments/{deployment}/rollback', { params: { path, header }, body: why }));
    case 'unload-next':
      return dataOf(api.POST('/deployments/{deployment}/unload-next', { params: { path, header }, body: why }));
    case 'set-split':
      return dataOf(
        api.POST('/deployments/{deployment}/set-canary-probability', {
          params: { path, header },
          body: { probability: change.canaryProbability, ...why },
        }),
      );
    case 'restore':
      return dataOf(
        api.POST('/deployments/{deployment}/restore', {
          params: { path, header },
          body: { generation: change.generation, ...why },
        }),
      );
  }
}

/** Whatever came of it, what is on screen is asked for anew before the dialog says that it is done. */
export function useChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ask,
    onSettled: (_data, _error, { seen }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['deployments'], exact: true }),
        queries.invalidateQueries({ queryKey: ['deployments', seen.name], exact: true }),
        queries.invalidateQueries({ queryKey: ['deployments', seen.name, 'events'] }),
      ]),
  });
}

export function useCancelChange(deployment: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: string) =>
      dataOf(api.DELETE('/deployments/{deployment}/changes/{change}', { params: { path: { deployment, change } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['deployments', deployment], exact: true }),
  });
}
