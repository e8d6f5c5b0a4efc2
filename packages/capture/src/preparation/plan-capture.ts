import type { Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { requireLogicalLog } from './require-logical-log.js';
import { hasCaptureTables } from './capture-tables.js';
import { findPosition } from '../slots/capture-position.js';
import { requireSlot } from '../slots/notice-lost-slot.js';
import {
  readPublication,
  readScope,
  resolveContent,
  writePublication,
  type CaptureScope,
  type PublicationContent,
} from '../scope/publication.js';
import {
  findTablesToIdentify,
  findTablesWithoutIdentity,
  noIdentityReason,
  type IdentifiedTable,
} from './replica-identity.js';
import { findTablesWithoutTrigger, writeStatementTrigger } from './statement-trigger.js';
import type { TableWithRoot } from '../scope/table-with-root.js';
import { quoteTable, type TableName } from '../scope/table-name.js';
import { findTable, readExclusions, type TableExclusion } from '../scope/table-exclusion.js';

export interface PrepareOptions extends Partial<CaptureNames> {
  /** The captured schemas and tables. When absent: as chosen before, at first everything. */
  scope?: CaptureScope;
  /** Excluded tables, in addition to those excluded before. */
  exclusions?: readonly TableExclusion[];
  /**
   * Whether existing rows shall be read into the changelog: with `initial`, tables that have rows when the slot is made
   * are requested for `runSnapshot`.
   * @default initial
   */
  snapshot?: 'initial' | 'never';
  /** The role that the server runs as, if it is not the one that prepares: it gets the rights that it needs. */
  role?: string | undefined;
}

/** With the names filled in. */
export type ResolvedPrepareOptions = PrepareOptions & CaptureNames;

/** One change that preparation makes in PostgreSQL. */
export interface CaptureStep {
  kind: 'bookkeeping' | 'publication' | 'identity' | 'attribution' | 'slot';
  /** Purpose, in words. */
  does: string;
  /** The statement; undefined where it takes more than one. */
  sql?: string;
  /** Who has to wait for it. */
  locks: string;
}

/** The changes that preparation makes; no steps when nothing is left to do. */
export interface CapturePlan {
  steps: CaptureStep[];
  exclusions: (TableName & { reason: string })[];
}

/**
 * Answers what `prepareCapture` would change with the same options, and which locks that needs; changes nothing.
 * @throws CaptureNotPreparedError when the server is not configured for capture
 * @throws CaptureSlotLostError when the slot was there before and is gone
 */
export async function planCapture(postgres: Postgres, options: PrepareOptions = {}): Promise<CapturePlan> {
  const client = await postgres.pool.connect();
  try {
    return await makePlan(client, { ...options, ...resolveCaptureNames(postgres, options) });
  } finally {
    client.release();
  }
}

/** The same over a connection that may hold the lock for preparing. */
export async function makePlan(
  client: pg.ClientBase,
  { slot, publication, ...options }: ResolvedPrepareOptions,
): Promise<CapturePlan> {
  await requireLogicalLog(client);
  const hasTables = await hasCaptureTables(client);
  const exclusions = await joinExclusions(client, options.exclusions ?? []);
  const scope = options.scope ?? (hasTables ? await readScope(client, publication) : {});
  const content = await resolveContent(client, scope, exclusions);
  const steps: CaptureStep[] = [];
  if (!hasTables) {
    steps.push({
      kind: 'bookkeeping',
      does: 'makes the tables and functions infratraq.capture_…, and event triggers that set up new tables and notice dropped ones',
      locks: 'none',
    });
  }
  const isWanted = (table: TableWithRoot) => isToBeCaptured(table.root, content, exclusions);
  steps.push(...(await findTablesToIdentify(client)).filter(isWanted).map(planIdentity));
  steps.push(...(await findTablesWithoutTrigger(client)).filter(isWanted).map(planAttribution));
  // Before the slot: the slot's reader looks the publication up as it was at each change.
  steps.push(...(await planPublication(client, publication, content)));
  steps.push(...(await planSlot(client, slot)));
  return { steps, exclusions };
}

async function joinExclusions(
  client: pg.ClientBase,
  added: readonly TableExclusion[],
): Promise<CapturePlan['exclusions']> {
  const joined = new Map((await readExclusions(client)).map((one) => [quoteTable(one), one]));
  for (const { root } of await findTablesWithoutIdentity(client))
    if (!joined.has(quoteTable(root))) joined.set(quoteTable(root), { ...root, reason: noIdentityReason });
  for (const { table, reason } of added) {
    const name = await findTable(client, table);
    joined.set(quoteTable(name), { ...name, reason });
  }
  return [...joined.values()];
}

function isToBeCaptured(
  table: TableName,
  content: PublicationContent,
  exclusions: readonly TableName[],
): boolean {
  const name = quoteTable(table);
  return (
    !exclusions.some((one) => quoteTable(one) === name) &&
    (content === 'all' ||
      content.includes(`table ${name}`) ||
      content.includes(`tables in schema "${table.schema.replaceAll('"', '""')}"`))
  );
}

function planIdentity({ identity, ...table }: IdentifiedTable): CaptureStep {
  const content = identity === 'full' ? 'the whole row' : 'the key of the row';
  return {
    kind: 'identity',
    does: `has updates and deletes of ${quoteTable(table)} carry ${content} before`,
    sql: `alter table ${quoteTable(table)} replica identity ${identity}`,
    locks: 'readers and writers of the table for a moment, once those before it are done (10 s at most)',
  };
}

function planAttribution(table: TableName): CaptureStep {
  return {
    kind: 'attribution',
    does: `has writers of ${quoteTable(table)} say in the log which database user they are`,
    sql: writeStatementTrigger(quoteTable(table)),
    locks: 'writers of the table for a moment, once those before it are done (10 s at most)',
  };
}

async function planPublication(
  client: pg.ClientBase,
  publication: string,
  content: PublicationContent,
): Promise<CaptureStep[]> {
  const now = await readPublication(client, publication);
  const isSame =
    content === 'all' || now.content === 'all'
      ? content === now.content
      : [...content].sort().join() === [...now.content].sort().join();
  if (now.exists && isSame && now.complete) return [];
  return [
    {
      kind: 'publication',
      does: `${now.exists ? 'replaces' : 'makes'} the publication`,
      sql: await writePublication(client, publication, content, now.exists),
      locks: content === 'all' ? 'none' : 'other schema changes of its tables for a moment',
    },
  ];
}

async function planSlot(client: pg.ClientBase, slot: string): Promise<CaptureStep[]> {
  if ((await findPosition(client, slot)) !== undefined) {
    await requireSlot(client, slot);
    return [];
  }
  return [
    {
      kind: 'slot',
      does: 'makes the replication slot: from here on PostgreSQL keeps its log until capture has taken it',
      sql: `select pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
      locks: 'none; it waits itself until transactions that run now have ended',
    },
  ];
}
