import pg from 'pg';
import type { History, Step, TableModel, TransactionModel } from './histories.js';

const quote = (name: string) => pg.escapeIdentifier(name);
const literal = (text: string | null, type: string) =>
  text === null ? 'null' : `${pg.escapeLiteral(text)}::${type}`;

/** Makes a schema with the history's tables, and makes it the client's own. */
export async function createTables(
  client: pg.ClientBase,
  schema: string,
  tables: readonly TableModel[],
): Promise<void> {
  const definitions = tables.flatMap(({ keyColumns, columns }) =>
    [...keyColumns, ...columns].flatMap(({ type }) => type.definitions),
  );
  await client.query(`create schema ${schema}`);
  await enterSchema(client, schema);
  for (const definition of new Set(definitions)) await client.query(definition);
  for (const table of tables) await createTable(client, table);
}

/** The client's own schema; short waits, so that sessions that block one another go on. */
export async function enterSchema(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(`set search_path = ${schema}, public`);
  await client.query(`set deadlock_timeout = '10ms'; set lock_timeout = '1s'`);
}

async function createTable(client: pg.ClientBase, table: TableModel): Promise<void> {
  const { name, keyColumns, columns, identity, generated } = table;
  const parts = [...keyColumns, ...columns].map((column) => `${quote(column.name)} ${column.type.name}`);
  if (generated) parts.push('doubled bigint generated always as (key0 * 2) stored');
  if (keyColumns.length > 0)
    parts.push(`primary key (${keyColumns.map((column) => quote(column.name)).join(', ')})`);
  // Capture's own trigger would make every identity the full one.
  await client.query(`set event_triggers = off; create table ${quote(name)} (${parts.join(', ')});
    alter table ${quote(name)} replica identity ${identity}; reset event_triggers`);
}

/** Fills the tables, and runs every session's transactions, all sessions at once. */
export async function runSessions(
  clients: readonly pg.ClientBase[],
  { tables, initialRows, sessions }: History,
): Promise<void> {
  const steps = initialRows.map((rows, table): Step => ({ kind: 'insert', table, rows }));
  await runTransaction(clients[0]!, tables, { steps, commits: true });
  const outcomes = await Promise.allSettled(
    sessions.map(async (transactions, index) => {
      for (const transaction of transactions) await runTransaction(clients[index]!, tables, transaction);
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function runTransaction(
  client: pg.ClientBase,
  tables: readonly TableModel[],
  { steps, commits }: TransactionModel,
): Promise<void> {
  await client.query('begin');
  let finish = 'rollback';
  try {
    for (const step of steps) await runStep(client, tables, step);
    if (commits) finish = 'commit';
  } finally {
    await client.query(finish);
  }
}

/** What PostgreSQL refuses (a double key, a deadlock, an update without an identity) is undone and passed over. */
async function runStep(client: pg.ClientBase, tables: readonly TableModel[], step: Step): Promise<void> {
  await client.query('savepoint step');
  try {
    if (step.kind === 'rolledBack') for (const inner of step.steps) await runStep(client, tables, inner);
    else await client.query(writeStep(tables, step));
    if (step.kind === 'rolledBack') await client.query('rollback to savepoint step');
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !isRefusal(error)) throw error;
    await client.query('rollback to savepoint step');
  }
  await client.query('release savepoint step');
}

/** Unique key, deadlock, lock timeout, update of a table without identity, value out of a type's bounds. */
const refusals = new Set(['23505', '40P01', '55P03', '55000', '22003', '22008']);
const isRefusal = ({ code = '' }: pg.DatabaseError) => refusals.has(code);

function writeStep(tables: readonly TableModel[], step: Exclude<Step, { kind: 'rolledBack' }>): string {
  if (step.kind === 'truncate') {
    return `truncate ${step.tables.map((index) => quote(tables[index]!.name)).join(', ')}`;
  }
  const table = tables[step.table]!;
  const columns = [...table.keyColumns, ...table.columns];
  const name = quote(table.name);
  const rows = (row: number, count: number) =>
    `ctid = any(array(select ctid from ${name} order by ctid offset ${row} limit ${count}))`;
  switch (step.kind) {
    case 'insert': {
      if (step.rows.length === 0) return 'select';
      if (columns.length === 0) return `insert into ${name} default values`;
      const values = step.rows.map(
        (texts) => `(${texts.map((text, index) => literal(text, columns[index]!.type.name)).join(', ')})`,
      );
      return `insert into ${name} (${columns.map((column) => quote(column.name)).join(', ')}) values ${values.join(', ')} on conflict do nothing`;
    }
    case 'update': {
      const column = columns[step.column]!;
      return `update ${name} set ${quote(column.name)} = ${literal(step.value, column.type.name)} where ${rows(step.row, 1)}`;
    }
    case 'delete':
      return `delete from ${name} where ${rows(step.row, step.count)}`;
    case 'touch': {
      const column = columns[0];
      return column === undefined
        ? 'select'
        : `update ${name} set ${quote(column.name)} = ${quote(column.name)}`;
    }
  }
}
