import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { EntityReference } from '@infratraq/kernel';
import type { EntityScopes } from './entity-scopes.js';
import type { RestampAll } from './restamp-all.js';
import { referencesOf } from './scope-graph.js';
import type { StampedDocuments } from './stamped-documents.js';

/** After these, nobody knows which rows have moved. */
const unknownMoves = ['GAP', 'TRUNCATE', 'DROP', 'RENAME', 'ALTER'];
const rules = 'infratraq.scope_rules';

/**
 * Keeps the scopes that documents carry in step with the rows that they are about: when a row moves, the documents about
 * it and about all rows below it are given their present scopes; after changes that were missed, all documents.
 */
export function restampScopes({
  scopes,
  documents,
  all,
}: {
  readonly scopes: EntityScopes;
  readonly documents: StampedDocuments;
  readonly all: Pick<RestampAll, 'begin'>;
}): ChangeConsumer {
  return {
    name: 'scopes',
    startAt: 'now',
    handle: async (changes) => {
      if (
        changes.some(
          ({ operation, entity_type }) => unknownMoves.includes(operation) || entity_type === rules,
        )
      )
        await all.begin();
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
      await documents.restamp([...made.values(), ...moved.values()]);
      for (const entity of moved.values())
        for await (const page of scopes.below(entity)) await documents.restamp(page);
    },
  };
}

function mayMove({ operation, changed_fields, uncertain_fields = [] }: Change, columns: readonly string[]) {
  return (
    operation === 'UPDATE' && [...changed_fields, ...uncertain_fields].some((name) => columns.includes(name))
  );
}
