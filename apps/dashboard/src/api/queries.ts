import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { FIGURES, LISTS, STATE } from '../live/refresh';
import { api, dataOf } from './client';
import { ApiProblem } from './problem';
import type { Session } from './types';

/** Everything that is read, one entry for each resource; who needs it says so with useQuery. */

export const SESSION_KEY = ['session'] as const;

/** Null where nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await dataOf(api.GET('/session'));
    } catch (error) {
      if (error instanceof ApiProblem && error.needsSignIn) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const deploymentsQuery = queryOptions({
  queryKey: ['deployments'],
  queryFn: async () => (await dataOf(api.GET('/deployments'))).deployments,
  ...STATE,
});

export const deploymentQuery = (name: string) =>
  queryOptions({
    queryKey: ['deployments', name],
    queryFn: () => dataOf(api.GET('/deployments/{deployment}', { params: { path: { deployment: name } } })),
    ...STATE,
  });

/** The last `minutes`, in steps that make about sixty points. */
export const statisticsQuery = (name: string, minutes: number) =>
  queryOptions({
    queryKey: ['deployments', name, 'statistics', minutes],
    queryFn: () => {
      const from = new Date(Date.now() - minutes * 60_000).toISOString();
      return dataOf(
        api.GET('/deployments/{deployment}/statistics', { params: { path: { deployment: name }, query: { from } } }),
      );
    },
    ...FIGURES,
  });

export interface EventFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: 'done' | 'refused' | 'failed';
}

export const recentEventsQuery = (name: string, limit: number) =>
  queryOptions({
    queryKey: ['deployments', name, 'events', limit],
    queryFn: async () =>
      (
        await dataOf(
          api.GET('/deployments/{deployment}/events', { params: { path: { deployment: name }, query: { limit } } }),
        )
      ).events,
    ...FIGURES,
  });

const PAGE_SIZE = 100;

export const modelsQuery = infiniteQueryOptions({
  queryKey: ['registry', 'models'],
  queryFn: ({ pageParam }) =>
    dataOf(api.GET('/registry/models', { params: { query: { pageSize: PAGE_SIZE, ...paged(pageParam) } } })),
  initialPageParam: null as string | null,
  getNextPageParam: ({ nextPageToken }) => nextPageToken,
  ...LISTS,
});

export const versionsQuery = (model: string) =>
  infiniteQueryOptions({
    queryKey: ['registry', 'versions', model],
    queryFn: ({ pageParam }) =>
      dataOf(
        api.GET('/registry/models/{name}/versions', {
          params: { path: { name: model }, query: { pageSize: PAGE_SIZE, ...paged(pageParam) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextPageToken }) => nextPageToken,
    ...LISTS,
  });

const paged = (pageToken: string | null) => (pageToken === null ? {} : { pageToken });

export const replicasQuery = queryOptions({
  queryKey: ['replicas'],
  queryFn: async () => (await dataOf(api.GET('/replicas'))).replicas,
  ...STATE,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await dataOf(api.GET('/tokens'))).tokens,
  ...LISTS,
});
