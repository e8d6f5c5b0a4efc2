import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { EntityReference } from '@infratraq/kernel';
import { CommentThread } from '@infratraq/messaging';
import type { Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import type { EntityScopes } from './entity-scopes.js';
import { referencesOf } from './scope-graph.js';

/** Documents and channels that carry scopes, and what decides which. */
export interface Restamping {
  readonly postgres: Pick<Postgres, 'pool'>;
  readonly models: Models;
  readonly scopes: EntityScopes;
}

/**
 * Keeps the scopes that documents and channels carry in step with the rows that they are about: when a row moves, those
 * about it and about all rows below it are given their present scopes.
 */
export function restampScopes({ postgres, models, scopes }: Restamping): ChangeConsumer {
  const restamp = async ({ entity_type, entity_id }: EntityReference): Promise<void> => {
    const threads = models.of(CommentThread);
    const [thread, channels] = await Promise.all([
      threads.exists({ entity_type, entity_id }),
      postgres.pool.query(findChannels, [entity_type, entity_id]),
    ]);
    if (!thread && channels.rowCount === 0) return;
    const present = await scopes.of({ entity_type, entity_id });
    if (thread) await threads.updateMany({ entity_type, entity_id }, { $set: { scopes: present } });
    if (channels.rowCount !== 0) await postgres.pool.query(moveChannels, [entity_type, entity_id, present]);
  };
  return {
    name: 'scopes',
    startAt: 'now',
    handle: async (changes) => {
      const graph = await scopes.graph();
      const [made, moved] = [new Map<string, EntityReference>(), new Map<string, EntityReference>()];
      for (const change of changes) {
        const { entity_type, entity_id } = change;
        const columns = referencesOf(graph, entity_type).flatMap((reference) => reference.columns);
        const key = JSON.stringify([entity_type, entity_id]);
        if (change.operation === 'INSERT') made.set(key, { entity_type, entity_id });
        else if (mayMove(change, columns)) moved.set(key, { entity_type, entity_id });
      }
      // Nothing lies below a row that is new, but somebody may have written about it before.
      for (const entity of made.values()) await restamp(entity);
      for (const entity of moved.values()) {
        await restamp(entity);
        for await (const page of scopes.below(entity)) for (const below of page) await restamp(below);
      }
    },
  };
}

const findChannels = `
  select from infratraq.channels where entity_type = $1 and entity_id = $2 and members_by_scope limit 1`;
/** Announces each channel, so that every process puts out those who may no longer see the entity. */
const moveChannels = `
  update infratraq.channels set scopes = $3 where entity_type = $1 and entity_id = $2 and members_by_scope`;

function mayMove({ operation, changed_fields, uncertain_fields = [] }: Change, columns: readonly string[]) {
  return (
    operation === 'UPDATE' && [...changed_fields, ...uncertain_fields].some((name) => columns.includes(name))
  );
}
