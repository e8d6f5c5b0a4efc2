import type pg from 'pg';
import { quoteColumn, type SnapshotTable } from './describe-snapshot-table.js';
import { emitReader, emitRows, type RowEmitter } from './emit-rows.js';

/** A primary key's values as text, in the key's order. */
export type KeyValues = string[];

/** What came of reading a range of keys. */
export interface Chunk {
  rows: number;
  bytes: number;
  /** Undefined at the table's end. */
  lastKey: KeyValues | undefined;
  /** Rows that somebody else was changing. */
  skipped: KeyValues[];
}

/**
 * Writes the next rows by key into the log, in the transaction that is open.
 *
 * Each is locked against changes until the commit, so that what the log holds at the commit is what the table holds
 * there; rows that somebody else holds are skipped, so that this never waits while it holds locks itself.
 */
export async function takeChunk(
  emitter: RowEmitter,
  table: SnapshotTable,
  after: KeyValues | undefined,
  limit: number,
): Promise<Chunk> {
  const { client } = emitter;
  const key = tupleOf(table.key.map(({ name }) => quoteColumn(name)));
  const beyond = after === undefined ? 'true' : `${key} > ${keyParameters(table, 1)}`;
  const range = await queryTexts(
    client,
    `select ${table.key.map(({ name }) => quoteColumn(name)).join(', ')} from ${table.sql}
     where ${beyond} order by ${table.key.map(({ name }) => quoteColumn(name)).join(', ')} limit ${limit}`,
    after ?? [],
  );
  const lastKey = range.at(-1) as KeyValues | undefined;
  if (lastKey === undefined) return { rows: 0, bytes: 0, lastKey, skipped: [] };
  const rows = await queryTexts(
    client,
    `select ${columnsOf(table)} from ${table.sql}
     where ${beyond} and ${key} <= ${keyParameters(table, 1 + (after?.length ?? 0))} for share skip locked`,
    [...(after ?? []), ...lastKey],
  );
  await emitReader(client);
  const bytes = await emitRows(emitter, table, rows);
  const taken = new Set(rows.map((row) => JSON.stringify(table.key.map(({ index }) => row[index]))));
  const skipped = (range as KeyValues[]).filter((values) => !taken.has(JSON.stringify(values)));
  return { rows: rows.length, bytes, lastKey, skipped };
}

/** Writes one row by its key into the log, once nobody else changes it; answers how many there were. */
export async function takeRow(emitter: RowEmitter, table: SnapshotTable, key: KeyValues): Promise<number> {
  const { client } = emitter;
  const rows = await queryTexts(
    client,
    `select ${columnsOf(table)} from ${table.sql}
     where ${tupleOf(table.key.map(({ name }) => quoteColumn(name)))} = ${keyParameters(table, 1)} for share`,
    key,
  );
  await emitReader(client);
  await emitRows(emitter, table, rows);
  return rows.length;
}

export function columnsOf({ relation }: SnapshotTable): string {
  return relation.columns.map(({ name }) => quoteColumn(name)).join(', ');
}

function keyParameters({ key }: SnapshotTable, first: number): string {
  return tupleOf(key.map(({ type }, index) => `$${first + index}::${type}`));
}

function tupleOf(parts: readonly string[]): string {
  return `(${parts.join(', ')})`;
}

const keepText = { getTypeParser: () => (text: string) => text };

/** Values exactly as PostgreSQL writes them, which is how they come in the stream. */
export async function queryTexts(
  client: pg.ClientBase,
  text: string,
  values: readonly string[] = [],
): Promise<(string | null)[][]> {
  const config = { text, values: [...values], rowMode: 'array' as const, types: keepText };
  return (await client.query<(string | null)[]>(config as pg.QueryArrayConfig)).rows;
}
