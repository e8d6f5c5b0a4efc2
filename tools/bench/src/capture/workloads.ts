import type { Postgres } from '@infratraq/postgres';

const rowsInTransaction = 500;

/** What is committed for the contenders to capture. */
export interface Workload {
  readonly name: string;
  /** Over how many tables the rows are spread, one transaction to a table. */
  readonly tables: number;
  readonly operation: 'insert' | 'update';
}

const tableOf = (place: number) => `bench_inspections_${place}`;

/** Makes the tables, and for updates the rows, which contenders are not to see. */
export async function prepareTables(
  { pool }: Postgres,
  { tables, operation }: Workload,
  rows: number,
): Promise<void> {
  for (let place = 0; place < tables; place += 1) {
    await pool.query(`drop table if exists ${tableOf(place)}`);
    // About 500 bytes as a document.
    await pool.query(`create table ${tableOf(place)} (
      inspection_id bigint primary key, asset_id int, status text, score numeric(6, 2), inspected_at timestamptz(3), remarks text)`);
    await pool.query(`alter table ${tableOf(place)} replica identity full`);
  }
  if (operation === 'update') await insertRows({ pool }, tables, rows);
}

/** Commits the rows, or updates them all. */
export async function runWorkload(
  { pool }: Postgres,
  { tables, operation }: Workload,
  rows: number,
): Promise<void> {
  if (operation === 'insert') return insertRows({ pool }, tables, rows);
  for (const { table, first, last } of listTransactions(tables, rows))
    await pool.query(`update ${table} set status = 'failed' where inspection_id between $1 and $2`, [
      first,
      last,
    ]);
}

async function insertRows({ pool }: Pick<Postgres, 'pool'>, tables: number, rows: number): Promise<void> {
  for (const { table, first, last } of listTransactions(tables, rows))
    await pool.query(
      `insert into ${table} select i, i % 1000, 'passed', i % 100 + 0.25, now(),
       'No defects were found on the supports; photographs are attached ' || i from generate_series($1::int, $2::int) i`,
      [first, last],
    );
}

function listTransactions(tables: number, rows: number): { table: string; first: number; last: number }[] {
  return Array.from({ length: rows / rowsInTransaction }, (_, place) => ({
    table: tableOf(place % tables),
    first: place * rowsInTransaction,
    last: (place + 1) * rowsInTransaction - 1,
  }));
}
