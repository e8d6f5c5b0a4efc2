import { setTimeout as delay } from 'node:timers/promises';
import { backOffMilliseconds } from '@infratraq/kernel';
import type pg from 'pg';
import type { RelationMessage } from '../pgoutput/messages.js';
import { builtInTypes } from '../values/built-in-types.js';
import type { TypeCatalog } from '../values/postgres-type.js';
import { TableUndescribedError, type TellOddity } from './oddities.js';
import { readTypes } from '../values/read-types.js';

/** What the log leaves out about a table and the catalog knows. */
export interface TableDescription {
  /** Primary key columns in the key's order; empty where there is none. */
  primaryKey: string[];
  types: TypeCatalog;
}

/**
 * Reads a table's primary key and the types of its columns from the catalog as it is now.
 *
 * That may be later than the change being read: the table can have gained a key meanwhile, or be gone (undefined),
 * and composites that have changed since the transaction that is being read count as text.
 */
async function describeTable(
  client: pg.ClientBase,
  relation: RelationMessage,
  transactionId?: number,
): Promise<TableDescription | undefined> {
  if (transactionId !== undefined) await waitUntilVisible(client, transactionId);
  const { rows } = await client.query<{ columns: string[] | null }>(primaryKeyQuery, [relation.oid]);
  if (rows[0] === undefined) return undefined;
  const oids = new Set(relation.columns.map(({ typeOid }) => typeOid));
  const unknown = [...oids].filter((oid) => !builtInTypes.has(oid));
  return { primaryKey: rows[0].columns ?? [], types: await readTypes(client, unknown, transactionId) };
}

/**
 * The same where the catalog may refuse to answer (a role may be denied any part of it): that is told, and the table counts
 * as not described. A server that is away, or busy, is none of that.
 */
export async function describeIfPossible(
  client: pg.ClientBase,
  relation: RelationMessage,
  transactionId: number | undefined,
  tell: TellOddity,
): Promise<TableDescription | undefined> {
  try {
    return await describeTable(client, relation, transactionId);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    tell(new TableUndescribedError(`${relation.schema}.${relation.table}`, error));
    return undefined;
  }
}

/** Waits until others see what a committed transaction did, where the server tells. */
export async function waitIfPossible(client: pg.ClientBase, transactionId: number): Promise<void> {
  try {
    await waitUntilVisible(client, transactionId);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Whether the server refused the statement for good. */
function isRefusal(error: unknown): boolean {
  const { code, severity } = error as Partial<pg.DatabaseError>;
  return severity === 'ERROR' && code !== undefined && !passingClasses.test(code);
}

/** Lost connections, lack of resources, cancelled by somebody, system errors, transactions in each other's way. */
const passingClasses = /^(?:08|25|40|53|55|57|58)/;

/** Longest wait: a commit may wait for a standby, and the standby for capture. */
const mostWaitMilliseconds = 10_000;
const askTimes = { firstMilliseconds: 1, longestMilliseconds: 100 };

/**
 * Waits until what a committed transaction did is seen by others: its commit is in the log, and sent, a moment before.
 * What it made would not be in the catalog yet. Until it is seen, it holds the lock on its own number.
 */
async function waitUntilVisible(client: pg.ClientBase, transactionId: number): Promise<void> {
  const deadline = Date.now() + mostWaitMilliseconds;
  for (let asked = 1; Date.now() < deadline; asked += 1) {
    const { rowCount } = await client.query(ownLockQuery, [transactionId]);
    if (rowCount === 0) return;
    await delay(backOffMilliseconds(asked, askTimes));
  }
}

const ownLockQuery = `
  select from pg_locks where locktype = 'transactionid' and transactionid::text = $1::bigint::text and granted
    and mode = 'ExclusiveLock'`;

const primaryKeyQuery = `
  select (
    select array_agg(a.attname::text order by key.place)
    from pg_index i
    cross join unnest(i.indkey::int2[]) with ordinality as key (attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = key.attnum
    where i.indrelid = c.oid and i.indisprimary and key.place <= i.indnkeyatts
  ) as columns
  from pg_class c where c.oid = $1`;
