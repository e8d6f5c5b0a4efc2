import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { AlertEvaluator, AlertValue, EntityChange, EntityChangeKind } from '@infratraq/preferences';
import { mongo } from 'mongoose';
import { nameColumn } from '../audit/hidden-columns.js';

const kinds: Readonly<Record<Exclude<Change['operation'], 'GAP'>, EntityChangeKind>> = {
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
      const told = changes.flatMap((change) => describeChange(change, hidden));
      if (told.length > 0) await evaluator.observeChanges(told);
    },
  };
}

function describeChange(change: Change, hidden: ReadonlySet<string>): EntityChange[] {
  const { entity_type, entity_id, operation, new_value, changed_fields } = change;
  if (operation === 'GAP') return [];
  const values = Object.entries(new_value ?? {})
    .filter(([name]) => !hidden.has(nameColumn(entity_type, name)))
    .map(([name, value]) => [name, toAlertValue(value)]);
  return [
    {
      entity_type,
      entity_id,
      changed_fields,
      change_id: change._id,
      at: change.changed_at,
      kind: kinds[operation],
      values: Object.fromEntries(values) as EntityChange['values'],
    },
  ];
}

/** A column's value as alerts compare it; undefined for what they cannot (lists, documents, bytes). */
function toAlertValue(value: unknown): AlertValue | undefined {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value as AlertValue;
  if (value instanceof mongo.Decimal128 || value instanceof mongo.Long) return Number(value.toString());
  if (value instanceof Date) return value.toISOString();
  return undefined;
}
