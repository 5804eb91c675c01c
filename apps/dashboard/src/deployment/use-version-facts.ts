import { useInfiniteQuery } from '@tanstack/react-query';
import { versionsQuery } from '../api/queries';
import type { RegisteredVersion, Slot } from '../api/types';

/** Aliases and metrics of a version that a slot holds; undefined while the registry has not told, or cannot. */
export function useVersionFacts(held: Slot | null): RegisteredVersion | undefined {
  const { data } = useInfiniteQuery({
    ...versionsQuery(held?.name ?? ''),
    enabled: held !== null && held.version !== null,
  });
  return data?.pages.flatMap(({ versions }) => versions).find(({ version }) => version === held?.version);
}
