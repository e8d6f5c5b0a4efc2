import { nameEntityType } from '../scope/table-name.js';
import { isCaptured } from '../scope/is-captured.js';
import { encodeElements, encodeName } from '../encoding/bson-buffer.js';
import type { RelationMessage } from '../pgoutput/messages.js';
import { createConverterFinder, findForm } from '../values/converters.js';
import { makeEncoder } from '../values/encode-value.js';
import type { ValueConverter } from '../values/value-converter.js';
import type { ValueEncoder } from '../values/value-encoder.js';
import { canHold, nameField } from '../values/field-names.js';
import { ValueKeptAsTextError, type TellOddity } from './oddities.js';
import type { TableDescription } from './table-catalog.js';

export interface CapturedColumn {
  /** Name of the stored field; nearly always the column's. */
  name: string;
  /** The name, encoded as a BSON element's. */
  encodedName: Buffer;
  /** The column's place, encoded as the name of an array element. */
  encodedPlace: Buffer;
  encode: ValueEncoder;
  identity: boolean;
}

/** The subject of a change: a table, or all tables. */
export interface ChangedThing {
  captured: boolean;
  columns: readonly CapturedColumn[];
  /** Encoded elements of every document about it: the entity type, and schema and table. */
  typeElements: Buffer;
  nameElements: Buffer;
}

/** A table as it is at the current position in the log. */
export interface CapturedTable extends ChangedThing {
  /** Its description in the log. */
  relation: RelationMessage;
  /** Places of the key's columns, in the key's order; empty without a key. */
  keyIndexes: number[];
  /** Set when a value shows that a type has changed since the catalog was read; the log does not report that. */
  outdated: boolean;
}

/** Combines the descriptions of a table in the log and in the catalog. */
export function readTable(
  relation: RelationMessage,
  description: TableDescription,
  tell: TellOddity,
): CapturedTable {
  const { schema, table, columns } = relation;
  const keyIndexes = description.primaryKey.map((name) =>
    columns.findIndex((column) => column.name === name),
  );
  const findConverter = createConverterFinder(description.types, () => (captured.outdated = true));
  const captured: CapturedTable = {
    relation,
    outdated: false,
    ...describeWholeTable(schema, table),
    columns: columns.map(({ name, typeOid, identity }, place) => ({
      name: nameField(name),
      encodedName: encodeName(nameField(name)),
      encodedPlace: encodeName(String(place)),
      encode: makeEncoder({
        form: findForm(typeOid, description.types),
        convert: convertFor(nameField(name), findConverter(typeOid)),
        onFault: (error) => tell(new ValueKeptAsTextError(`${schema}.${table}`, name, error)),
      }),
      identity,
    })),
    // A key with a column that the row does not have yet (or any more) cannot identify it.
    keyIndexes: keyIndexes.includes(-1) ? [] : keyIndexes,
  };
  return captured;
}

/** A list stays text under a name that can't hold one. */
function convertFor(field: string, convert: ValueConverter): ValueConverter {
  if (canHold(field, [])) return convert;
  return (text) => {
    const value = convert(text);
    return canHold(field, value) ? value : text;
  };
}

/** The subject of a change of all tables. */
export const everything: ChangedThing = describe('*', '*', '*');

/** The subject of a change of a whole table. */
export function describeWholeTable(schema: string, table: string): ChangedThing {
  const entityType = nameEntityType({ schema, table });
  return { ...describe(entityType, schema, table), captured: isCaptured(schema, table) };
}

function describe(entity_type: string, schema_name: string, table_name: string): ChangedThing {
  return {
    captured: true,
    columns: [],
    typeElements: encodeElements({ entity_type }),
    nameElements: encodeElements({ schema_name, table_name }),
  };
}
