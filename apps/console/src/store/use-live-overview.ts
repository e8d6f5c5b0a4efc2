import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../api/client.js';
import { compareOverviews, type LiveOverview } from './compare-overviews.js';

/** Polls the collections while the tab is visible, and tells what moved between polls. */
export function useLiveOverview() {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ queryKey, signal }) =>
      compareOverviews(
        client.getQueryData<LiveOverview>(queryKey),
        await bodyOf(api.GET('/api/v1/collections', { signal })),
      ),
    refetchInterval: 2_000,
  });
}
