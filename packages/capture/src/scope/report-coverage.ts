import type { Postgres } from '@infratraq/postgres';
import { noticeDifferences } from '../preparation/notice-differences.js';
import { refusesFullSql } from '../preparation/replica-identity.js';
import { hasStatementTrigger } from '../preparation/statement-trigger.js';
import { exclusionSql } from './is-captured.js';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { tellsAllSql } from './publication.js';
import { readExclusions } from './table-exclusion.js';

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
  const { slot, publication } = resolveCaptureNames(postgres, names);
  const client = await postgres.pool.connect();
  try {
    await noticeDifferences(client);
    const exclusions = await readExclusions(client);
    const chosen = new Map(exclusions.map(({ schema, table, reason }) => [`${schema} ${table}`, reason]));
    const { rows } = await client.query<TableFacts>(tableFacts, [publication, slot]);
    return rows.map((facts) => judge(facts, chosen.get(`${facts.schema_name} ${facts.table_name}`)));
  } finally {
    client.release();
  }
}

interface TableFacts {
  table: string;
  schema_name: string;
  table_name: string;
  exclusion: string | null;
  foreign: boolean;
  unlogged: boolean;
  published: boolean;
  complete_publication: boolean;
  /** One whose rows are not in the log. */
  untold_partition: string | null;
  /** `f` full, `d` primary key, `i` an index, `n` nothing. */
  identity: string;
  has_key: boolean;
  /** PostgreSQL refuses updates with the full identity: for a generated column, or a publication that lists columns. */
  refuses_full: boolean;
  /** Its trigger says who writes. */
  attributed: boolean;
  /** One whose identity is not full; partitions have identities of their own. */
  weak_partition: string | null;
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
    !complete_publication &&
    'the publication leaves out operations, rows or columns; apply the plan of capture, or make it publish all',
  ({ untold_partition }) =>
    untold_partition !== null &&
    `has a partition that is unlogged or foreign, so its changes reach no log; set ${untold_partition} logged, or detach it`,
  ({ wal_status }) => wal_status === null && 'capture has no replication slot; prepare capture',
  ({ wal_status }) => wal_status === 'lost' && 'the replication slot is lost: the server removed its log',
  ({ identity, has_key, table }) =>
    (identity === 'n' || (identity === 'd' && !has_key)) &&
    `has no replica identity, so updates and deletes fail; ${fullIdentity(table)}`,
  ({ identity, refuses_full }) =>
    identity === 'f' &&
    refuses_full &&
    'refuses updates and deletes, for it has full replica identity and a generated column that a publication leaves out, ' +
      'or a publication that lists columns; prepare capture again',
  ({ identity, refuses_full, table }) =>
    identity !== 'f' &&
    !refuses_full &&
    `sends updates and deletes without the row before; ${fullIdentity(table)}`,
  ({ weak_partition, refuses_full }) =>
    weak_partition !== null &&
    !refuses_full &&
    `has a partition that sends updates and deletes without the row before; ${fullIdentity(weak_partition)}`,
  ({ attributed }) => !attributed && 'does not tell who writes plain SQL; prepare capture again',
];

const keyOnly =
  'updates and deletes carry only the key of the row before, because of a virtual generated column, or of a publication ' +
  'that lists columns or leaves a generated one out';

function judge(facts: TableFacts, chosenExclusion: string | undefined): TableCoverage {
  const { table, foreign, published } = facts;
  const exclusion = facts.exclusion ?? chosenExclusion ?? null;
  if (exclusion !== null && chosenExclusion !== undefined && published) {
    return { table, state: 'broken', reason: 'is to be left out, yet published; apply the plan of capture' };
  }
  if (exclusion !== null) return { table, state: 'excluded', reason: exclusion };
  if (foreign) return { table, state: 'excluded', reason: "is foreign: its rows are another server's" };
  const reason = faults.map((rule) => rule(facts)).find((fault) => fault !== false);
  if (reason !== undefined) return { table, state: 'broken', reason };
  return facts.refuses_full ? { table, state: 'captured', reason: keyOnly } : { table, state: 'captured' };
}

const tableFacts = `
  select format('%I.%I', n.nspname, c.relname) as table, n.nspname as schema_name, c.relname as table_name,
    ${exclusionSql} as exclusion,
    c.relkind = 'f' as foreign,
    c.relpersistence = 'u' as unlogged,
    coalesce(p.puballtables or r.prrelid is not null or s.pnnspid is not null, false) as published,
    coalesce(${tellsAllSql}, false) as complete_publication,
    (select format('%I.%I', ln.nspname, leaf.relname)
     from pg_partition_tree(c.oid) tree join pg_class leaf on leaf.oid = tree.relid
     join pg_namespace ln on ln.oid = leaf.relnamespace
     where c.relkind = 'p' and (leaf.relkind = 'f' or leaf.relpersistence = 'u')
     order by 1 limit 1) as untold_partition,
    c.relreplident as identity,
    exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key,
    ${refusesFullSql} as refuses_full,
    ${hasStatementTrigger} as attributed,
    (select format('%I.%I', ln.nspname, leaf.relname)
     from pg_partition_tree(c.oid) tree join pg_class leaf on leaf.oid = tree.relid
     join pg_namespace ln on ln.oid = leaf.relnamespace
     where c.relkind = 'p' and tree.isleaf and leaf.relkind = 'r' and leaf.relreplident <> 'f'
     order by 1 limit 1) as weak_partition,
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
