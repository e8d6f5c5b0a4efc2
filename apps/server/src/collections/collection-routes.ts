import {
  assertTransition,
  ConflictError,
  computedState,
  deriveIndexes,
  lifecycle,
  type CollectionDefinition,
  type Store,
} from '@infratraq/kernel';
import type { CollectionStateRepository, WatchedCollectionStates } from '@infratraq/postgres';
import { requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { CollectionOverview } from './collection-overview.js';
import { collectionDetailSchema, collectionListSchema, transitionSchema } from './collection-schemas.js';

export interface CollectionRoutesOptions {
  store: Store;
  overview: CollectionOverview;
  repository: CollectionStateRepository;
  states: WatchedCollectionStates;
}

const parameters = z.strictObject({
  name: z.string().regex(/^[a-z_]{1,60}$/, 'a collection name is snake_case'),
});

/** The collections with their policy, size and state, and the operator's transitions between states. */
export const collectionRoutes = defineRoutes<CollectionRoutesOptions>(async (app, options) => {
  const { store, overview, repository, states } = options;
  const tags = ['collections'];

  const detail = async (definition: CollectionDefinition) => {
    const described = await overview.describe(definition);
    const history = await repository.history(definition.name, 50);
    return {
      ...described,
      indexes: deriveIndexes(definition).map(({ name, key, serves, unique, expireAfterSeconds }) => ({
        name,
        key,
        serves,
        unique: unique ?? false,
        expire_after_seconds: expireAfterSeconds ?? null,
      })),
      next_states: lifecycle[described.state].next.filter((state) => state !== computedState),
      history: history.map(({ from_state, to_state, changed_by, changed_at, reason }) => ({
        from: from_state as typeof described.state,
        to: to_state as typeof described.state,
        changed_by,
        changed_at,
        reason: reason ?? '',
      })),
    };
  };

  app.get(
    '/collections',
    {
      config: { access: 'shared' },
      schema: { summary: 'List all collections by category', tags, response: { 200: collectionListSchema } },
    },
    () => overview.list(),
  );

  app.get(
    '/collections/:name',
    {
      config: { access: 'shared' },
      schema: {
        summary: 'Show one collection with its indexes and state history',
        tags,
        params: parameters,
        response: { 200: collectionDetailSchema },
      },
    },
    ({ params }) => detail(store.collection(params.name)),
  );

  app.post(
    '/collections/:name/transitions',
    {
      config: { roles: ['operator', 'admin'], logBodies: true },
      schema: {
        summary: 'Move a collection to another lifecycle state',
        tags,
        params: parameters,
        body: transitionSchema,
        response: { 200: collectionDetailSchema },
      },
    },
    async ({ params, body }) => {
      const definition = store.collection(params.name);
      const from = (await repository.get(definition.name))?.state ?? 'active';
      const state = states.stateOf(definition.name);
      assertTransition(definition.name, state, body.to);
      if (body.to === 'deleted') await assertAllArchived(overview, definition);
      await repository.transition({
        collectionName: definition.name,
        from,
        to: body.to,
        changedBy: requireActor().user_id,
        reason: body.reason,
      });
      await states.refresh();
      return detail(definition);
    },
  );
});

/** Nothing is deleted that is not archived. */
async function assertAllArchived(
  overview: CollectionOverview,
  definition: CollectionDefinition,
): Promise<void> {
  if (await overview.isEmpty(definition.name)) return;
  throw new ConflictError(
    `${definition.name} still holds documents; archive them before it is deleted`,
    'lifecycle.not-archived',
  );
}
