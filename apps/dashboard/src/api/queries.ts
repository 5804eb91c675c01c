import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { FIGURES, HINTED, LISTS, TOLD_FIGURES, TOLD_STATE } from '../live/refresh';
import { unlessTold } from '../live/unless-told';
import { api, dataOf } from './client';
import { ApiProblem } from './problem';
import type { Deployment, Session, Statistics } from './types';

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
  // Who watches asks for nothing else than the stream, which a session does not live on.
  refetchInterval: 10 * 60_000,
});

export const deploymentsQuery = queryOptions({
  queryKey: ['deployments'],
  queryFn: (context) => unlessTold<readonly Deployment[]>(context, askDeployments()),
  ...TOLD_STATE,
});

const askDeployments = async () => (await dataOf(api.GET('/deployments'))).deployments;

export const deploymentQuery = (name: string) =>
  queryOptions({
    queryKey: ['deployments', name],
    queryFn: (context) =>
      unlessTold<Deployment>(
        context,
        dataOf(api.GET('/deployments/{deployment}', { params: { path: { deployment: name } } })),
      ),
    ...TOLD_STATE,
  });

/** The stream tells the statistics of so many minutes; longer ones are asked for. */
export const LIVE_MINUTES = 15;

/** The last `minutes`, in steps that make about sixty points. */
export const statisticsQuery = (name: string, minutes: number) =>
  queryOptions({
    queryKey: ['deployments', name, 'statistics', minutes],
    queryFn: (context) => unlessTold<Statistics>(context, askStatistics(name, minutes)),
    ...(minutes === LIVE_MINUTES ? TOLD_FIGURES : FIGURES),
  });

const askStatistics = (name: string, minutes: number): Promise<Statistics> => {
  const from = new Date(Date.now() - minutes * 60_000).toISOString();
  return dataOf(
    api.GET('/deployments/{deployment}/statistics', { params: { path: { deployment: name }, query: { from } } }),
  );
};

export type FiguresByName = ReadonlyMap<string, Statistics>;

export const FIGURES_KEY = ['figures'] as const;

/** So many deployments are asked for their figures where no stream tells them; more would cost the server more than they tell. */
const MOST_ASKED = 40;

/** The last minutes of every deployment, by name; kept by the stream, so that it is asked for only where there is none. */
export const figuresQuery = (names: readonly string[]) =>
  queryOptions({
    queryKey: FIGURES_KEY,
    queryFn: async ({ client }): Promise<FiguresByName> => {
      const asked = names.slice(0, MOST_ASKED);
      const answers = await Promise.all(asked.map((name) => askStatistics(name, LIVE_MINUTES)));
      // What is not asked for keeps what the stream told before.
      const known = client.getQueryData<FiguresByName>(FIGURES_KEY) ?? [];
      return new Map([...known, ...answers.map((one) => [one.deployment, one] as const)]);
    },
    // A map is no plain object: it is new as a whole.
    structuralSharing: false,
    ...TOLD_FIGURES,
  });

export interface EventFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: 'done' | 'refused' | 'failed';
  /** From this time on. */
  readonly from?: string;
  /** Before this time. */
  readonly to?: string;
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

export const REPLICAS_KEY = ['replicas'] as const;

export const replicasQuery = queryOptions({
  queryKey: REPLICAS_KEY,
  queryFn: async () => (await dataOf(api.GET('/replicas'))).replicas,
  ...HINTED,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await dataOf(api.GET('/tokens'))).tokens,
  ...LISTS,
});
