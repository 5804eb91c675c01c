import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';
import { SESSION_KEY, sessionQuery } from '../api/queries';
import type { Scope, Session } from '../api/types';

/** Where no tokens are asked for, everybody is this one, and no session ends. */
export const isEverybody = ({ actor, expiresAt }: Session): boolean => actor === 'anonymous' && expiresAt === null;

const RANK: readonly Scope[] = ['administer', 'operate', 'view', 'predict'];

/** The scope that says most of what somebody may do. */
export const strongestScope = ({ scopes }: Pick<Session, 'scopes'>): Scope | undefined =>
  RANK.find((scope) => scopes.includes(scope));

/** Whether whoever is signed in may do what asks for `scope`; the server decides in any case. */
export function useMay(scope: Scope): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.scopes.includes(scope) ?? false;
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => dataOf(api.POST('/session', { body: { token } })),
    onSuccess: (session) => {
      queries.clear();
      queries.setQueryData(SESSION_KEY, session);
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api.DELETE('/session'),
    onSuccess: () => {
      queries.clear();
      queries.setQueryData(SESSION_KEY, null);
    },
  });
}
