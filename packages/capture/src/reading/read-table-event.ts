import type { RowValue } from '../encoding/change.js';
import { nameEntityType } from '../scope/table-name.js';
import { createConverterFinder } from '../values/converters.js';
import { nameField } from '../values/field-names.js';
import { describeTypes } from '../values/read-types.js';
import { describeWholeTable } from './captured-table.js';
import type { ChangeWriter } from './change-writer.js';
import type { AlterEvent, TableEvent } from './own-messages.js';

/** Writes what became of one table besides changes of its rows. */
export function readTableEvent(event: TableEvent, writer: ChangeWriter): void {
  const { schema, table } = event;
  const thing = describeWholeTable(schema, table);
  switch (event.operation) {
    case 'GAP':
      return writer.writeWhole(thing, 'GAP', {
        reason: event.reason,
        ...(event.lasting && { lasting: true }),
        ...(event.columns && { types_altered: true, columns: event.columns.map(nameField) }),
      });
    case 'DROP':
      return writer.writeWhole(thing, 'DROP');
    case 'RENAME':
      writer.writeWhole(thing, 'RENAME', { renamed_to: nameEntityType(event.to) });
      return writer.writeWhole(describeWholeTable(event.to.schema, event.to.table), 'RENAME', {
        renamed_from: nameEntityType({ schema, table }),
      });
    case 'ALTER':
      return writer.writeWhole(thing, 'ALTER', describeAlteration(event));
  }
}

function describeAlteration({ columns, dropped, types, key }: AlterEvent): RowValue {
  const findConverter = createConverterFinder(describeTypes(types));
  return {
    columns: columns.map(({ name, type, was, added, value, unknown }) => ({
      name: nameField(name),
      ...(was !== undefined && { was: nameField(was) }),
      ...(added && { added }),
      ...(unknown && { unknown }),
      ...(value !== undefined && { value: value === null ? null : findConverter(type)(value) }),
    })),
    dropped: dropped.map(nameField),
    ...(key && { key: key.map(nameField) }),
  };
}
