import type { QueryClient, QueryKey } from '@tanstack/react-query';

/**
 * An answer that was under way while the stream told of the same thing may be the older of the two: then what was told stays. The
 * stream tells the latest in any case.
 */
export async function unlessTold<Data>(
  { client, queryKey }: { readonly client: QueryClient; readonly queryKey: QueryKey },
  answer: Promise<Data>,
): Promise<Data> {
  const updates = (): number => client.getQueryState<Data>(queryKey)?.dataUpdateCount ?? 0;
  const before = updates();
  const answered = await answer;
  return updates() === before ? answered : (client.getQueryData<Data>(queryKey) ?? answered);
}
