import type { Postgres } from '@infratraq/postgres';
import { exclusionSql, resolveCaptureNames, type CaptureNames } from '../capture-scope.js';

/** Whether changes of a table reach the changelog whole; `broken` needs somebody to act. */
export type CoverageState = 'captured' | 'excluded' | 'broken';

/** One table, and whether its changes are captured. */
export interface TableCoverage {
  /** With its schema. */
  readonly table: string;
  readonly state: CoverageState;
  /** Why it is excluded, or what is broken and how to mend it. */
  readonly reason?: string;
}

/**
 * Proves which tables are captured: answers every table of the database, partitions under their root, and for each
 * whether its changes arrive with the row before and after, are left out on purpose, or are missed.
 */
export async function reportCoverage(
  postgres: Postgres,
  names?: Partial<CaptureNames>,
): Promise<TableCoverage[]> {
  const { slot, publication } = resolveCaptureNames(names);
  const { rows } = await postgres.pool.query<TableFacts>(tableFacts, [publication, slot]);
  return rows.map(judge);
}

interface TableFacts {
  table: string;
  exclusion: string | null;
  foreign: boolean;
  unlogged: boolean;
  published: boolean;
  complete_publication: boolean;
  /** `f` full, `d` primary key, `i` an index, `n` nothing. */
  identity: string;
  has_key: boolean;
  /** As PostgreSQL tells it; null without a slot. */
  wal_status: string | null;
}

type Rule = (facts: TableFacts) => string | false;

const fullIdentity = (table: string) => `run "alter table ${table} replica identity full"`;

/** What keeps the changes of a table from being captured whole; the first that applies is told. */
const faults: readonly Rule[] = [
  ({ unlogged, table }) =>
    unlogged && `is unlogged, so its changes reach no log; run "alter table ${table} set logged"`,
  ({ published }) => !published && 'is in no publication of capture; prepare capture again',
  ({ complete_publication }) =>
    !complete_publication && 'the publication leaves out operations, rows or columns; make it publish all',
  ({ wal_status }) => wal_status === null && 'capture has no replication slot; prepare capture',
  ({ wal_status }) => wal_status === 'lost' && 'the replication slot is lost: the server removed its log',
  ({ identity, has_key, table }) =>
    (identity === 'n' || (identity === 'd' && !has_key)) &&
    `has no replica identity, so updates and deletes fail; ${fullIdentity(table)}`,
  ({ identity, table }) =>
    identity !== 'f' && `sends updates and deletes without the row before; ${fullIdentity(table)}`,
];

function judge(facts: TableFacts): TableCoverage {
  const { table, exclusion, foreign } = facts;
  if (exclusion !== null) return { table, state: 'excluded', reason: exclusion };
  if (foreign) return { table, state: 'excluded', reason: "is foreign: its rows are another server's" };
  const reason = faults.map((rule) => rule(facts)).find((fault) => fault !== false);
  return reason === undefined ? { table, state: 'captured' } : { table, state: 'broken', reason };
}

const tableFacts = `
  select format('%I.%I', n.nspname, c.relname) as table,
    ${exclusionSql} as exclusion,
    c.relkind = 'f' as foreign,
    c.relpersistence = 'u' as unlogged,
    coalesce(p.puballtables or r.prrelid is not null or s.pnnspid is not null, false) as published,
    coalesce(p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate
      and r.prqual is null and r.prattrs is null, false) as complete_publication,
    c.relreplident as identity,
    exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key,
    (select wal_status from pg_replication_slots
      where slot_name = $2 and database = current_database()) as wal_status
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_publication p on p.pubname = $1
  left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
  left join pg_publication_namespace s on s.pnpubid = p.oid and s.pnnspid = n.oid
  where c.relkind in ('r', 'p', 'f') and not c.relispartition and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by 1`;
