import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { StoreOverview } from './collection.js';
import { compareOverviews, type LiveOverview } from './compare-overviews.js';
import { requestAsUser } from './request-as-user.js';
import { TokenNeeded } from './session.js';

const pollMilliseconds = 2_000;

/** Polls the collections while the tab is visible, and tells what moved between polls. */
export function useLiveOverview() {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ queryKey, signal }) =>
      compareOverviews(
        client.getQueryData<LiveOverview>(queryKey),
        await requestAsUser<StoreOverview>('/collections', { signal }),
      ),
    // A person has to act first; asking again would also wipe the reason off the screen.
    refetchInterval: ({ state }) => (state.error instanceof TokenNeeded ? false : pollMilliseconds),
    refetchOnWindowFocus: ({ state }) => !(state.error instanceof TokenNeeded),
    refetchIntervalInBackground: false,
  });
}
