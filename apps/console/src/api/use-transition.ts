import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CollectionState } from './collection.js';
import { requestAsUser } from './request-as-user.js';

/** Moves a collection to another state, then rereads what shows it. */
export function useTransition(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (transition: { to: CollectionState; reason: string }) =>
      requestAsUser<unknown>(`/collections/${encodeURIComponent(name)}/transitions`, { body: transition }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['collection', name] }),
        client.invalidateQueries({ queryKey: ['overview'] }),
      ]),
  });
}
