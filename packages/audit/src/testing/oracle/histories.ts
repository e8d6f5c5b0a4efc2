import fc, { type Arbitrary } from 'fast-check';

/** A table to be made: the pools of names and schemas are small, so that names come again. */
export interface TableDesign {
  readonly name: number;
  readonly schema: number;
  readonly key: 'id' | 'id deferrable' | 'id deferred' | 'code' | 'id, code';
  /** What it has besides `id` and `code`. */
  readonly columns: readonly ColumnDesign[];
  readonly identity: 'full' | 'key';
  readonly partitioned: boolean;
}

export const columnDesigns = ['v', 'note', 'mood', 'addr', 'big', 'seen', 'data', 'tags'] as const;
export type ColumnDesign = (typeof columnDesigns)[number];

/** Picks one of what there is at the time, whatever that is. */
export type Pick = number;

export type RowStep =
  | { readonly kind: 'insert'; readonly table: Pick; readonly key: number; readonly value: number }
  | {
      readonly kind: 'update';
      readonly table: Pick;
      readonly row: Pick;
      readonly column: Pick;
      readonly value: number;
    }
  | { readonly kind: 'move key'; readonly table: Pick; readonly row: Pick; readonly key: number }
  | { readonly kind: 'mirror keys'; readonly table: Pick }
  | { readonly kind: 'delete'; readonly table: Pick; readonly row: Pick }
  | { readonly kind: 'touch'; readonly table: Pick }
  | { readonly kind: 'truncate'; readonly table: Pick };

export const tableAlterations = [
  'add column',
  'add column with constant',
  'add column with computed default',
  'rename column',
  'swap columns',
  'drop column',
  'widen column',
  'rewrite column',
  'widen key',
  'move key to code',
  'move key to id',
  'rename',
  'set schema',
  'swap tables',
  'drop',
  'make anew',
  'identity full',
  'identity by key',
  'identity by code',
  'unlogged',
  'logged',
  'attach partition',
  'detach partition',
  'drop partition',
  'truncate partition',
] as const;
/** Those that change what a name means come more often. */
const namingAlterations = ['rename', 'set schema', 'swap tables'] as const;
export type TableAlteration = (typeof tableAlterations)[number];

export const schemaAlterations = [
  'rename schema',
  'rename label',
  'swap labels',
  'add label',
  'rename attribute',
  'swap attributes',
  'add attribute',
  'drop attribute',
] as const;
export type SchemaAlteration = (typeof schemaAlterations)[number];

export type Step =
  | RowStep
  | { readonly kind: 'create'; readonly table: TableDesign }
  | { readonly kind: 'alter table'; readonly how: TableAlteration; readonly table: Pick; readonly pick: Pick }
  | { readonly kind: 'alter'; readonly how: SchemaAlteration; readonly pick: Pick }
  | { readonly kind: 'undone'; readonly steps: readonly Step[] };

export interface TransactionDesign {
  readonly steps: readonly Step[];
  readonly commits: boolean;
  /** Whether PostgreSQL is asked what it has afterwards. */
  readonly observed: boolean;
  /** What happens to capture: it may be stopped while the transaction runs, or be told less from before it on. */
  readonly capture: 'goes on' | 'is stopped' | 'publication narrowed';
}

/** Tables, and what is done with them. */
export interface HistoryDesign {
  readonly tables: readonly TableDesign[];
  readonly transactions: readonly TransactionDesign[];
}

const pick = fc.nat(3);

const anyTable: Arbitrary<TableDesign> = fc.record({
  name: fc.nat(3),
  schema: fc.constantFrom(0, 0, 0, 0, 1, 2),
  key: fc.constantFrom('id', 'id deferrable', 'id deferrable', 'id deferred', 'code', 'id, code'),
  columns: fc.subarray([...columnDesigns], { minLength: 1, maxLength: 4 }),
  identity: fc.constantFrom('full', 'full', 'key'),
  partitioned: fc.nat(5).map((die) => die === 0),
});

const insert: Arbitrary<RowStep> = fc.record({
  kind: fc.constant('insert' as const),
  table: pick,
  key: fc.nat(4),
  value: fc.nat(9),
});

const rowStep: Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: insert },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      table: pick,
      row: pick,
      column: fc.nat(7),
      value: fc.nat(9),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('move key' as const), table: pick, row: pick, key: fc.nat(4) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mirror keys' as const), table: pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), table: pick, row: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('touch' as const), table: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), table: pick }) },
);

const anyPlainStep: Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: rowStep },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('alter table' as const),
      how: fc.constantFrom(...tableAlterations, ...namingAlterations, ...namingAlterations),
      table: pick,
      pick,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), table: anyTable }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('alter' as const),
      how: fc.constantFrom(...schemaAlterations),
      pick,
    }),
  },
);

const anyStep: Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: anyPlainStep },
  {
    weight: 1,
    arbitrary: fc
      .array(anyPlainStep, { minLength: 1, maxLength: 3 })
      .map((steps) => ({ kind: 'undone' as const, steps })),
  },
);

const anyTransaction: Arbitrary<TransactionDesign> = fc.record({
  steps: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
  commits: fc.nat(7).map((die) => die > 0),
  observed: fc.nat(3).map((die) => die > 0),
  capture: fc.oneof(
    { weight: 150, arbitrary: fc.constant('goes on' as const) },
    { weight: 4, arbitrary: fc.constant('is stopped' as const) },
    { weight: 1, arbitrary: fc.constant('publication narrowed' as const) },
  ),
});

/** So that there are rows to do something with. */
const firstTransaction: Arbitrary<TransactionDesign> = fc.record({
  steps: fc.array(insert, { minLength: 2, maxLength: 6 }),
  commits: fc.constant(true),
  observed: fc.boolean(),
  capture: fc.constant('goes on' as const),
});

/** Any history: tables with some rows, and then anything. */
export const anyHistory: Arbitrary<HistoryDesign> = fc.record({
  tables: fc.array(anyTable, { minLength: 1, maxLength: 3 }),
  transactions: fc
    .tuple(firstTransaction, fc.array(anyTransaction, { minLength: 1, maxLength: 7 }))
    .map(([first, others]) => [first, ...others]),
});
