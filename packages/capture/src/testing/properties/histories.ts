import fc, { type Arbitrary } from 'fast-check';
import { scalarTypes, TypeModel } from './scalar-values.js';
import { anyType } from './structured-values.js';

export interface ColumnModel {
  readonly name: string;
  readonly type: TypeModel;
}

export interface TableModel {
  readonly name: string;
  readonly keyColumns: readonly ColumnModel[];
  readonly columns: readonly ColumnModel[];
  /** Default leaves an update's row before out of the log; without a key, it forbids updates and deletes. */
  readonly identity: 'full' | 'default';
  /** Whether a column is generated from the first key column. */
  readonly generated: boolean;
}

/** A row as the texts of its values, key first; null for NULL. */
export type RowTexts = readonly (string | null)[];

/** A step concerns one table; `row` picks one of the rows that are there at the time. */
export type Step =
  | { readonly kind: 'insert'; readonly table: number; readonly rows: readonly RowTexts[] }
  | {
      readonly kind: 'update';
      readonly table: number;
      readonly row: number;
      readonly column: number;
      readonly value: string | null;
    }
  | { readonly kind: 'touch'; readonly table: number }
  | { readonly kind: 'delete'; readonly table: number; readonly row: number; readonly count: number }
  | { readonly kind: 'truncate'; readonly tables: readonly number[] }
  | { readonly kind: 'rolledBack'; readonly steps: readonly Step[] };

export interface TransactionModel {
  readonly steps: readonly Step[];
  readonly commits: boolean;
}

/** Tables, and what sessions do to them, each its transactions in order and all at once. */
export interface History {
  readonly tables: readonly TableModel[];
  /** Rows of each table before the sessions begin. */
  readonly initialRows: readonly (readonly RowTexts[])[];
  readonly sessions: readonly (readonly TransactionModel[])[];
}

const columnNames = ['c1', 'a.b', '$set', 'Größe "x"', '_bsontype', '2'];

// Few values, so that the same key comes again and is refused, or is used anew after a delete.
const keyTypes: readonly TypeModel[] = [
  new TypeModel('integer', fc.nat(6).map(String)),
  new TypeModel('numeric(6,2)', fc.constantFrom('1.00', '-2.50', '3')),
  new TypeModel('text', fc.constantFrom('', 'a', '["b","1"]', 'null')),
  new TypeModel(
    'timestamptz',
    fc.constantFrom('2026-01-01 00:00:00+00', '2026-01-01 00:00:00.000001+00', 'infinity'),
  ),
];

function anyTable(index: number): Arbitrary<TableModel> {
  return fc
    .record({
      keyTypes: fc.array(fc.constantFrom(...keyTypes), { maxLength: 2 }),
      types: fc.array(
        fc.oneof(anyType(), fc.constantFrom(...scalarTypes.filter(({ name }) => name === 'text'))),
        {
          maxLength: columnNames.length,
        },
      ),
      identity: fc.constantFrom('full' as const, 'full' as const, 'default' as const),
      generated: fc.boolean(),
    })
    .map(({ keyTypes: chosen, types, identity, generated }) => ({
      name: `table ${index}`,
      keyColumns: chosen.map((type, place) => ({ name: `key${place}`, type })),
      columns: types.map((type, place) => ({ name: columnNames[place]!, type })),
      identity,
      generated: generated && chosen[0]?.name === 'integer',
    }));
}

function anyRow({ keyColumns, columns }: TableModel): Arbitrary<RowTexts> {
  return fc.tuple(
    ...keyColumns.map(({ type }) => type.value as Arbitrary<string | null>),
    ...columns.map(({ type }) => fc.option(type.value, { freq: 5 })),
  );
}

function anyTableStep(tables: readonly TableModel[], table: number): Arbitrary<Step> {
  const model = tables[table]!;
  const all = [...model.keyColumns, ...model.columns];
  const row = fc.nat(8);
  const steps: fc.WeightedArbitrary<Step>[] = [
    {
      weight: 6,
      arbitrary: fc
        .array(anyRow(model), { minLength: 1, maxLength: 4 })
        .map((rows) => ({ kind: 'insert', table, rows })),
    },
    {
      weight: 5,
      arbitrary: fc
        .record({ row, count: fc.integer({ min: 1, max: 3 }) })
        .map((some) => ({ kind: 'delete', table, ...some })),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'touch', table }) },
    {
      weight: 1,
      arbitrary: fc
        .subarray([...tables.keys()], { minLength: 1 })
        .map((chosen) => ({ kind: 'truncate', tables: chosen })),
    },
  ];
  all.forEach(({ type }, column) => {
    const isKey = column < model.keyColumns.length;
    const value: Arbitrary<string | null> = isKey ? type.value : fc.option(type.value, { freq: 5 });
    steps.push({
      weight: 2,
      arbitrary: fc.record({ row, value }).map((some) => ({ kind: 'update', table, column, ...some })),
    });
  });
  return fc.oneof(...steps);
}

function anyTransaction(tables: readonly TableModel[]): Arbitrary<TransactionModel> {
  const step = fc.nat(tables.length - 1).chain((table) => anyTableStep(tables, table));
  const group: Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: step },
    {
      weight: 1,
      arbitrary: fc
        .array(step, { minLength: 1, maxLength: 3 })
        .map((steps) => ({ kind: 'rolledBack' as const, steps })),
    },
  );
  return fc.record({
    steps: fc.array(group, { minLength: 1, maxLength: 6 }),
    commits: fc.integer({ min: 0, max: 5 }).map((die) => die > 0),
  });
}

/** Any tables and any transactions on them. */
export const anyHistory: Arbitrary<History> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyTable(index))))
  .chain((tables) =>
    fc.record({
      tables: fc.constant(tables),
      initialRows: fc.tuple(...tables.map((table) => fc.array(anyRow(table), { maxLength: 6 }))),
      sessions: fc.array(fc.array(anyTransaction(tables), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  );
