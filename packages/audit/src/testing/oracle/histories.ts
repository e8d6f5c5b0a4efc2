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
  'move key to code',
  'move key to id',
  'rename',
  'set schema',
  'swap tables',
  'drop',
  'unlogged',
  'logged',
  'attach partition',
  'detach partition',
  'drop partition',
  'truncate partition',
] as const;
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
  /** What happens to capture before it. */
  readonly capture: 'goes on' | 'restarts' | 'publication narrowed';
}

/** Tables, and what is done with them. */
export interface HistoryDesign {
  readonly tables: readonly TableDesign[];
  readonly transactions: readonly TransactionDesign[];
}

/** What kinds of steps there are. */
export interface HistoryKinds {
  readonly tables: readonly TableAlteration[];
  readonly schemas: readonly SchemaAlteration[];
  readonly capture: readonly TransactionDesign['capture'][];
  readonly partitions: boolean;
}

/** Everything that histories may do. */
export const everyKind: HistoryKinds = {
  tables: process.env['ROWS']
    ? []
    : tableAlterations.filter((one) => !(process.env['SKIP'] ?? '').includes(one)),
  schemas: process.env['ROWS']
    ? []
    : schemaAlterations.filter((one) => !(process.env['SKIP'] ?? '').includes(one)),
  capture: process.env['ROWS'] ? ['goes on'] : ['goes on', 'restarts', 'publication narrowed'],
  partitions: !process.env['ROWS'] && !process.env['SKIP']?.includes('partition'),
};

const pick = fc.nat(3);

function anyTable(kinds: HistoryKinds): Arbitrary<TableDesign> {
  return fc.record({
    name: fc.nat(3),
    schema: fc.nat(5).map((die) => (die < 4 ? 0 : die - 3)),
    key: fc.constantFrom('id', 'id', 'id deferrable', 'id deferred', 'code', 'id, code'),
    columns: fc.subarray([...columnDesigns], { minLength: 1, maxLength: 4 }),
    identity: fc.constantFrom('full', 'full', process.env['SKIP']?.includes('identity') ? 'full' : 'key'),
    partitioned: kinds.partitions ? fc.nat(5).map((die) => die === 0) : fc.constant(false),
  });
}

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
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mirror keys' as const), table: pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), table: pick, row: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('touch' as const), table: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), table: pick }) },
);

function anyStep(kinds: HistoryKinds): Arbitrary<Step> {
  const steps: fc.WeightedArbitrary<Step>[] = [{ weight: 12, arbitrary: rowStep }];
  if (kinds.tables.length > 0)
    steps.push(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('alter table' as const),
          how: fc.constantFrom(...kinds.tables),
          table: pick,
          pick,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('create' as const), table: anyTable(kinds) }),
      },
    );
  if (kinds.schemas.length > 0)
    steps.push({
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('alter' as const),
        how: fc.constantFrom(...kinds.schemas),
        pick,
      }),
    });
  const step = fc.oneof(...steps);
  return fc.oneof(
    { weight: 12, arbitrary: step },
    {
      weight: 1,
      arbitrary: fc
        .array(step, { minLength: 1, maxLength: 3 })
        .map((undone) => ({ kind: 'undone' as const, steps: undone })),
    },
  );
}

/** Any history of some kinds of steps: tables with some rows, and then anything. */
export function anyHistory(kinds: HistoryKinds): Arbitrary<HistoryDesign> {
  const transaction = fc.record({
    steps: fc.array(anyStep(kinds), { minLength: 1, maxLength: 4 }),
    commits: fc.nat(7).map((die) => die > 0),
    observed: fc.boolean(),
    capture: fc
      .nat(39)
      .map((die) => (die > 0 && die < kinds.capture.length ? (kinds.capture[die] ?? 'goes on') : 'goes on')),
  });
  const first = fc.record({
    steps: fc.array(insert, { minLength: 2, maxLength: 6 }),
    commits: fc.constant(true),
    observed: fc.boolean(),
    capture: fc.constant('goes on' as const),
  });
  return fc.record({
    tables: fc.array(anyTable(kinds), { minLength: 1, maxLength: 3 }),
    transactions: fc
      .tuple(first, fc.array(transaction, { minLength: 1, maxLength: 7 }))
      .map(([begin, others]) => [begin, ...others]),
  });
}
