import type { EventWriter } from '@infratraq/ingest';
import { createCollectionStateRepository } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import type { Feature } from '../feature.js';
import { CollectionOverview, type EventCounts } from './collection-overview.js';
import { collectionRoutes } from './collection-routes.js';

/** The collections of the store, as operators see them. */
export const collections: Feature<object, object> = {
  open: ({ mongo, indexes, postgres, states, events }) => {
    const overview = new CollectionOverview({
      store,
      mongo,
      stateOf: states.stateOf,
      eventsOf: (collection) => countEvents(events, collection),
      indexStatus: () => indexes.status(),
    });
    const repository = createCollectionStateRepository(postgres);
    return {
      services: {},
      routes: async (api) =>
        void (await api.register(collectionRoutes, { store, overview, repository, states })),
    };
  },
};

function countEvents(events: EventWriter, collection: string): EventCounts {
  const counts = events.metrics().collections[collection];
  if (!counts) return { recorded: 0, written: 0, rejected: 0 };
  const { depth, written, rejected, refused } = counts;
  return { recorded: depth + written + rejected + refused, written, rejected: rejected + refused };
}
