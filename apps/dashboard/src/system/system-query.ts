import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';
import { FIGURES } from '../live/refresh';

/** What the replica that answers stands on. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: () => dataOf(api.GET('/system')),
  ...FIGURES,
});
