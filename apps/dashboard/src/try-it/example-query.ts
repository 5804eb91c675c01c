import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';

/** What the version in a slot was logged with; it stays the same as long as the version does. */
export const exampleQuery = (deployment: string, slot: 'current' | 'next', digest: string) =>
  queryOptions({
    queryKey: ['deployments', deployment, 'input-example', slot, digest],
    queryFn: () =>
      dataOf(api.GET('/deployments/{deployment}/input-example', { params: { path: { deployment }, query: { slot } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
