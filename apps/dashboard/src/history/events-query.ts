import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';
import type { EventFilter } from '../api/queries';
import { LISTS } from '../live/refresh';

const EVENTS_A_PAGE = 50;

/** The history of one deployment, or over everything where none is named (for administrators). */
export const eventsQuery = (deployment: string | null, filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey:
      deployment === null ? (['audit', filter] as const) : (['deployments', deployment, 'history', filter] as const),
    queryFn: ({ pageParam }) => {
      const query = { limit: EVENTS_A_PAGE, ...filter, ...(pageParam === null ? {} : { before: pageParam }) };
      return deployment === null
        ? dataOf(api.GET('/audit', { params: { query } }))
        : dataOf(api.GET('/deployments/{deployment}/events', { params: { path: { deployment }, query } }));
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ nextBefore }) => nextBefore,
    ...LISTS,
  });

/** Where the same entries are had as JSON Lines, oldest first. */
export function exportAddress(deployment: string | null, filter: EventFilter): string {
  const path = deployment === null ? '/audit/export' : `/deployments/${encodeURIComponent(deployment)}/events/export`;
  const query = new URLSearchParams({ ...filter }).toString();
  return query === '' ? path : `${path}?${query}`;
}

const DEPLOYMENT = 'deployment:';

/** The deployment that an entry is about; null for tokens, sign-ins and the like. */
export const deploymentOf = (subject: string): string | null =>
  subject.startsWith(DEPLOYMENT) ? subject.slice(DEPLOYMENT.length) : null;
