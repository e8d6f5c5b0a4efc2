import { useQuery } from '@tanstack/react-query';
import type { CollectionDetail } from './collection.js';
import { requestAsUser } from './request-as-user.js';

/** Describes one collection, and keeps its counts fresh while it is looked at. */
export function useCollection(name: string) {
  return useQuery({
    queryKey: ['collection', name],
    queryFn: ({ signal }) =>
      requestAsUser<CollectionDetail>(`/collections/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: 4_000,
  });
}
