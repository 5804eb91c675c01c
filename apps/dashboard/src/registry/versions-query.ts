import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { versionsQuery } from '../api/queries';

/** More pages than this are not asked for again by themselves: each is a request, and a long list changes at its top alone. */
const PAGES_KEPT_FRESH = 3;

/** The versions of a model, page by page; all of them where somebody asks for all. */
export function useVersions(model: string) {
  const query = versionsQuery(model);
  const [wantsAll, setWantsAll] = useState(false);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...query,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > PAGES_KEPT_FRESH ? false : 30_000),
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= PAGES_KEPT_FRESH,
  });
  useEffect(() => {
    if (wantsAll && hasNextPage && !isFetchingNextPage && error === null) void fetchNextPage();
  }, [wantsAll, hasNextPage, isFetchingNextPage, error, fetchNextPage, data]);
  const versions = useMemo(() => data?.pages.flatMap((page) => page.versions), [data]);
  return {
    versions,
    error,
    refetch,
    hasMore: hasNextPage,
    readMore: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    },
    isReadingAll: wantsAll && hasNextPage,
    readAll: setWantsAll,
  };
}
