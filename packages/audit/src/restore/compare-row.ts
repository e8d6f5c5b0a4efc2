import { readNamedTypes, renderLiteral, UnrenderableValueError } from '@infratraq/capture';
import { ConflictError } from '@infratraq/kernel';
import pg from 'pg';
import type { Version } from './find-version.js';
import type { QueryRows } from './query-rows.js';
import type { TableColumn, TableShape } from './read-table.js';

/** One column of a version beside the same column as it is now. */
export interface ComparedColumn extends TableColumn {
  /** The version's value as SQL writes it, with its type. */
  readonly literal: string;
  /** The version's value as PostgreSQL writes it. */
  readonly restored: string | null;
  readonly current: string | null;
  readonly differs: boolean;
}

/** A version of a row beside the row as it is now. */
export interface ComparedRow {
  readonly exists: boolean;
  readonly columns: readonly ComparedColumn[];
  /** Columns whose values can't be written, by the reason. */
  readonly unrenderable: ReadonlyMap<string, string>;
  /** Every column of the row as it is now, for telling whether it has changed; null when there is none. */
  readonly fingerprint: string | null;
}

interface Written extends TableColumn {
  readonly literal: string;
  readonly byMeaning: boolean;
}

/**
 * Compares a version with the row of the same key, and locks that row until the transaction ends.
 * @throws ConflictError `audit.restore-refused` when a value is none of its column's present type
 */
export async function compareRow(
  query: QueryRows,
  table: TableShape,
  version: Pick<Version, 'row' | 'unknown'>,
): Promise<ComparedRow> {
  const known = table.columns.filter(
    ({ field }) => Object.hasOwn(version.row, field) && !version.unknown.includes(field),
  );
  const types = await readNamedTypes(asClient(query), [...new Set(known.map(({ type }) => type))]);
  const unrenderable = new Map<string, string>();
  const written: Written[] = [];
  for (const column of known) {
    const value = version.row[column.field];
    const byMeaning = /^jsonb?$/.test(column.type) && typeof value !== 'string';
    try {
      written.push({ ...column, byMeaning, literal: renderLiteral(value, column.type, types) });
    } catch (error) {
      if (!(error instanceof UnrenderableValueError)) throw error;
      unrenderable.set(column.name, error.message);
    }
  }
  const keys = written.filter(({ isKey }) => isKey);
  if (keys.length < table.columns.filter(({ isKey }) => isKey).length)
    throw new ConflictError(
      `The version of ${table.name} does not hold the whole primary key as it is now`,
      'audit.restore-refused',
    );
  const [restored] = await runOrRefuse(() =>
    query<Record<string, string | null>>(
      `select ${written.map((column, index) => `${asText(column.literal, column)} as c${index}`).join(', ')}`,
    ),
  );
  const [current] = await query<Record<string, string | boolean | null> & { fingerprint: string }>(
    `select ${written.map((column, index) => compare(column, index)).join(', ')}, t::text as fingerprint
     from ${table.name} t where ${keys.map(({ name, literal }) => `t.${quote(name)} = ${literal}`).join(' and ')}
     for update`,
  );
  return {
    exists: current !== undefined,
    fingerprint: current?.fingerprint ?? null,
    unrenderable,
    columns: written.map(({ byMeaning: _, ...column }, index) => ({
      ...column,
      restored: restored?.[`c${index}`] ?? null,
      current: (current?.[`c${index}`] as string | undefined) ?? null,
      differs: current?.[`d${index}`] !== false,
    })),
  };
}

/** A name as SQL writes it. */
export function quote(name: string): string {
  return pg.escapeIdentifier(name);
}

/** Text tells even scales and bounds apart, and types without equality; json has one meaning in many texts. */
function compare(column: Written, index: number): string {
  const now = `t.${quote(column.name)}`;
  const distinct = column.byMeaning
    ? `(${now})::jsonb is distinct from (${column.literal})::jsonb`
    : `(${now})::text is distinct from (${column.literal})::text`;
  return `${asText(now, column)} as c${index}, ${distinct} as d${index}`;
}

function asText(expression: string, { byMeaning }: Written): string {
  return byMeaning ? `(${expression})::jsonb::text` : `(${expression})::text`;
}

// PostgreSQL's own message would quote the value, which may be sensitive.
async function runOrRefuse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!/^(22|42)/.test((error as { code?: string }).code ?? '')) throw error;
    throw new ConflictError(
      'A value of the version is none of its column’s present type; the table has been altered since',
      'audit.restore-refused',
    );
  }
}

function asClient(query: QueryRows): Pick<pg.ClientBase, 'query'> {
  const run = async (text: string, values?: unknown[]) => ({ rows: await query(text, values) });
  return { query: run as unknown as pg.ClientBase['query'] };
}
