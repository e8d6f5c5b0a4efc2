import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { EntityReference } from '@infratraq/kernel';
import { CommentThread } from '@infratraq/messaging';
import type { Models } from '@infratraq/mongo';
import type { EntityScopes } from './entity-scopes.js';
import { referencesOf } from './scope-graph.js';

/**
 * Keeps the scopes that documents carry in step with the rows that they are about: when a row moves, the documents about
 * it and about all rows below it are given their present scopes.
 */
export function restampScopes(models: Models, scopes: EntityScopes): ChangeConsumer {
  const restamp = async ({ entity_type, entity_id }: EntityReference): Promise<void> => {
    const threads = models.of(CommentThread);
    if (!(await threads.exists({ entity_type, entity_id }))) return;
    const present = await scopes.of({ entity_type, entity_id });
    await threads.updateMany({ entity_type, entity_id }, { $set: { scopes: present } });
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

function mayMove({ operation, changed_fields, uncertain_fields = [] }: Change, columns: readonly string[]) {
  return (
    operation === 'UPDATE' && [...changed_fields, ...uncertain_fields].some((name) => columns.includes(name))
  );
}
