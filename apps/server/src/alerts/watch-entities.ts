import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { AlertEvaluator, AlertValue, EntityChange, EntityChangeKind } from '@infratraq/preferences';
import { mongo } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import { nameColumn } from '../audit/hidden-columns.js';

const kinds: Readonly<Partial<Record<Change['operation'], EntityChangeKind>>> = {
  INSERT: 'seen',
  SNAPSHOT: 'seen',
  UPDATE: 'updated',
  DELETE: 'removed',
  TRUNCATE: 'emptied',
  DROP: 'emptied',
};

/**
 * Tells alerts on entities of every change, from the one stream of changes; of columns that `listHidden` names they
 * learn nothing.
 */
export function watchEntities(
  evaluator: Pick<AlertEvaluator, 'observeChanges'>,
  listHidden: () => Promise<ReadonlySet<string>>,
): ChangeConsumer {
  return {
    name: 'alerts',
    // Nobody wants to be told of what was long ago.
    startAt: 'now',
    handle: async (changes) => {
      const hidden = await listHidden();
      const told = changes.flatMap((change, place) => describeChange(change, changes[place - 1], hidden));
      if (told.length > 0) await evaluator.observeChanges(told);
    },
  };
}

function describeChange(
  change: Change,
  previous: Change | undefined,
  hidden: ReadonlySet<string>,
): EntityChange[] {
  const { entity_type, entity_id, new_value } = change;
  const isMoved = change.moved_from !== undefined && previous?.moved_to === entity_id;
  const kind = isMoved ? 'updated' : kindOf(change);
  if (kind === undefined) return [];
  const values = Object.entries(new_value ?? {})
    .filter(([name]) => !hidden.has(nameColumn(entity_type, name)))
    .map(([name, value]) => [name, toAlertValue(value)]);
  return [
    {
      entity_type,
      entity_id,
      changed_fields: isMoved ? listDifferences(previous, change) : listChanged(change),
      change_id: change._id,
      at: change.changed_at,
      kind,
      values: Object.fromEntries(values) as EntityChange['values'],
    },
  ];
}

/** Nothing is known of the rows of a gap, nor of those that a table brings along with its new name. */
function kindOf({ operation, new_value }: Change): EntityChangeKind | undefined {
  return operation === 'RENAME' && new_value?.['renamed_to'] !== undefined ? 'emptied' : kinds[operation];
}

/** What is not known to be unchanged counts as changed. */
function listChanged({ changed_fields, uncertain_fields = [] }: Change): string[] {
  return [...changed_fields, ...uncertain_fields];
}

/** Which columns an update changed besides the key, which made it two changes. */
function listDifferences({ old_value }: Change, { new_value, changed_fields }: Change): string[] {
  return changed_fields.filter((field) => !isDeepStrictEqual(old_value?.[field], new_value?.[field]));
}

/** A column's value as alerts compare it; undefined for what they cannot (lists, documents, bytes). */
function toAlertValue(value: unknown): AlertValue | undefined {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value as AlertValue;
  if (value instanceof mongo.Decimal128 || value instanceof mongo.Long) return Number(value.toString());
  if (value instanceof Date) return value.toISOString();
  return undefined;
}
