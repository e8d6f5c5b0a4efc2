import { isCaptured } from '../scope/is-captured.js';
import { encodeElements, encodeName } from '../encoding/bson-buffer.js';
import type { RelationMessage } from '../pgoutput/messages.js';
import { findConverter, findForm } from '../values/converters.js';
import { makeEncoder } from '../values/encode-value.js';
import type { ValueEncoder } from '../values/value-encoder.js';
import { nameField } from '../values/field-names.js';
import type { TableDescription } from './table-catalog.js';

export interface CapturedColumn {
  /** The field's name, which is nearly always the column's. */
  name: string;
  /** The name as an element has it. */
  encodedName: Buffer;
  /** The name of a list's element at the column's place. */
  encodedPlace: Buffer;
  encode: ValueEncoder;
  identity: boolean;
}

/** What changes are about. */
export interface ChangedThing {
  captured: boolean;
  columns: readonly CapturedColumn[];
  /** What every document about it says of it, as elements: those with the type, and those with schema and table. */
  typeElements: Buffer;
  nameElements: Buffer;
}

/** A table as its rows are to be read at this place in the log. */
export interface CapturedTable extends ChangedThing {
  /** What the log says of it. */
  relation: RelationMessage;
  /** Places of the key's columns, in the key's order; empty where there is no key. */
  keyIndexes: number[];
  /** A value has shown that a type has changed since the catalog was asked, of which the log does not tell. */
  outdated: boolean;
}

/** Joins what the log and the catalog say about a table. */
export function readTable(relation: RelationMessage, description: TableDescription): CapturedTable {
  const { schema, table, columns } = relation;
  const keyIndexes = description.primaryKey.map((name) =>
    columns.findIndex((column) => column.name === name),
  );
  const captured: CapturedTable = {
    relation,
    outdated: false,
    ...describeWholeTable(schema, table),
    columns: columns.map(({ name, typeOid, identity }, place) => ({
      name: nameField(name),
      encodedName: encodeName(nameField(name)),
      encodedPlace: encodeName(String(place)),
      encode: makeEncoder(
        findForm(typeOid, description.types),
        findConverter(typeOid, description.types, () => (captured.outdated = true)),
      ),
      identity,
    })),
    // A key with a column that the row does not have yet (or any more) cannot identify it.
    keyIndexes: keyIndexes.includes(-1) ? [] : keyIndexes,
  };
  return captured;
}

/** What changes of no table are about. */
export const everything: ChangedThing = describe('*', '*', '*');

/** What changes of a table as a whole are about. */
export function describeWholeTable(schema: string, table: string): ChangedThing {
  const entityType = schema === 'public' ? table : `${schema}.${table}`;
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
