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
  const isHidden = (column: string) => hidden.has(nameColumn(entity_type, column));
  if (change.operation === 'ALTER') return { ...change, new_value: withholdAdded(new_value, isHidden) };
  // What else is said of a whole table are names and reasons.
  if (change.whole_table) return change;
  const open = (row: RowValue | null) =>
    row && Object.fromEntries(Object.entries(row).filter(([column]) => !isHidden(column)));
  return { ...change, old_value: open(old_value), new_value: open(new_value) };
}

/** The columns of an altered table without the values that rows have in those that are hidden. */
function withholdAdded(content: RowValue | null, isHidden: (column: string) => boolean): RowValue | null {
  const columns = (content?.['columns'] ?? []) as readonly RowValue[];
  const open = ({ value, ...column }: RowValue) =>
    value === undefined || isHidden(String(column['name'])) ? column : { ...column, value };
  return content && { ...content, columns: columns.map(open) };
}
