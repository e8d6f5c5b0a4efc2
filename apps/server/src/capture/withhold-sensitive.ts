import type { Change, ChangeConsumer, RowValue } from '@infratraq/capture';
import { nameColumn, type ListHidden } from '../audit/hidden-columns.js';

/**
 * Gives a consumer changes without the values of sensitive columns: what it never sees can get neither into what it
 * stores nor into its errors, which are logged and kept.
 */
export function withholdSensitive(consumer: ChangeConsumer, listHidden: ListHidden): ChangeConsumer {
  return {
    ...consumer,
    handle: async (changes, context) => {
      const hidden = await listHidden();
      await consumer.handle(
        changes.map((change) => withhold(change, hidden)),
        context,
      );
    },
  };
}

function withhold(change: Change, hidden: ReadonlySet<string>): Change {
  const { entity_type, old_value, new_value } = change;
  const open = (row: RowValue | null) =>
    row &&
    Object.fromEntries(
      Object.entries(row).filter(([column]) => !hidden.has(nameColumn(entity_type, column))),
    );
  return { ...change, old_value: open(old_value), new_value: open(new_value) };
}
