import { type Query, type QueryClient, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../api/client';
import { SESSION_KEY, sessionQuery } from '../api/queries';
import type { Scope, Session } from '../api/types';

/** Where no tokens are asked for, everybody is this one, and no session ends. */
export const isEverybody = ({ actor, expiresAt }: Session): boolean => actor === 'anonymous' && expiresAt === null;

/** Whether whoever was here signed out. */
const LEFT_KEY = ['left'] as const;

const RANK: readonly Scope[] = ['administer', 'operate', 'view', 'predict'];

/** The scope that says most of what somebody may do. */
export const strongestScope = ({ scopes }: Pick<Session, 'scopes'>): Scope | undefined =>
  RANK.find((scope) => scopes.includes(scope));

/** Whether whoever is signed in may do what asks for `scope`; the server decides in any case. */
export function useMay(scope: Scope): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.scopes.includes(scope) ?? false;
}

/** Whose session ended without their leaving, because it expired or its token was revoked; null where that is not so. */
export function useEnded(session: Session | null | undefined): Session | null {
  const { data: hasLeft } = useQuery({ queryKey: LEFT_KEY, queryFn: skipToken, initialData: false });
  const [former, setFormer] = useState<Session | null>(null);
  if (session != null && session !== former) setFormer(session);
  return session === null && !hasLeft ? former : null;
}

/** Signs in; `ended` is whose session ended on this screen. */
export function useSignIn(ended: Session | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => dataOf(api.POST('/session', { body: { token } })),
    onSuccess: (session) => {
      if (session.actor === ended?.actor) goOn(queries, session);
      else hand(queries, session);
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api.DELETE('/session'),
    onSuccess: () => {
      hand(queries, null);
    },
  });
}

/** These two stay the same entries: the frame watches them, and would not hear of others in their place. */
const KEPT: readonly unknown[] = [SESSION_KEY[0], LEFT_KEY[0]];
const ofTheScreen = { predicate: ({ queryKey }: Query) => !KEPT.includes(queryKey[0]) };

/** The screen as it was, to the same person: what it shows is asked for anew. */
function goOn(queries: QueryClient, session: Session): void {
  queries.setQueryData(SESSION_KEY, session);
  void queries.invalidateQueries(ofTheScreen);
}

/** The screen to somebody else, who sees nothing of what the one before saw. */
function hand(queries: QueryClient, session: Session | null): void {
  queries.setQueryData(LEFT_KEY, session === null);
  queries.setQueryData(SESSION_KEY, session);
  queries.removeQueries(ofTheScreen);
}
