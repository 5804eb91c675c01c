import { QueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiProblem } from '../src/api/problem';
import { SESSION_KEY } from '../src/api/queries';
import type { Scope, Session } from '../src/api/types';

/** What the server answered, where there is none: whatever was not put in here is waited for. */
export function nothingKnown(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { enabled: false, staleTime: Number.POSITIVE_INFINITY } } });
}

/** Somebody is signed in who may do this. */
export function signIn(queries: QueryClient, ...scopes: readonly Scope[]): void {
  queries.setQueryData<Session>(SESSION_KEY, { actor: 'ann', scopes: [...scopes], expiresAt: '2027-01-01T00:00:00Z' });
}

/** The pages of a list. */
export function answerPages(queries: QueryClient, queryKey: QueryKey, pages: readonly object[]): void {
  queries.setQueryData(queryKey, { pages: [...pages], pageParams: pages.map(() => null) });
}

/** The last answer was a refusal; what was known before stays. */
export function refuse(queries: QueryClient, queryKey: QueryKey, detail: string): void {
  const error = new ApiProblem(503, 'database-unavailable', detail);
  queries
    .getQueryCache()
    .build(queries, { queryKey: [...queryKey] })
    .setState({ status: 'error', error });
}
