import { withSession, type Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { pinSession } from '../leading/pin-session.js';
import { requestSnapshotOfFilledTables } from '../snapshot/request-snapshot.js';
import { CaptureNotPreparedError } from '../slots/slot-errors.js';
import { createSlot } from '../slots/create-slot.js';
import { createCaptureTables } from './capture-tables.js';
import { dropSlot } from '../slots/drop-slot.js';
import {
  makePlan,
  type CapturePlan,
  type PrepareOptions,
  type ResolvedPrepareOptions,
} from './plan-capture.js';
import { createLogFunctions } from './log-functions.js';
import { changePublication } from '../scope/change-publication.js';
import { readScope, saveScope } from '../scope/publication.js';
import { releaseIdentities, watchIdentities } from './replica-identity.js';
import { createStatementFunction, releaseStatementTriggers } from './statement-trigger.js';
import { saveExclusion } from '../scope/table-exclusion.js';
import { noticeDifferences } from './notice-differences.js';
import { grantServerRole, isSuperuser, notePrepared, requireRightsOf } from './server-role.js';
import { unwatchTables, watchTables } from './table-watch.js';

/** Advisory lock: one process at a time prepares. */
const preparationLock = 4_203_112_002;

/**
 * Sets a database up for capture: full replica identity and a trigger that reports the database user on every table,
 * present and future; a publication; the replication slot. From then on PostgreSQL keeps every committed change until
 * capture has stored it. Answers what it changed; `planCapture` answers the same beforehand.
 *
 * Idempotent, also when several servers prepare at once. Needs a superuser and `wal_level = logical`. For another role
 * it makes the replication slot alone, where a superuser has prepared the rest with `role`.
 * @throws CaptureNotPreparedError when the server is not configured for it, or the role lacks something
 * @throws CaptureSlotLostError when the slot was there before and is gone
 */
export async function prepareCapture(postgres: Postgres, options: PrepareOptions = {}): Promise<CapturePlan> {
  const resolved = { ...options, ...resolveCaptureNames(postgres, options) };
  return withPreparationLock(postgres, (client) => prepareUnderLock(client, resolved));
}

/** The same over a connection that holds the lock for preparing. */
export async function prepareUnderLock(
  client: pg.ClientBase,
  options: ResolvedPrepareOptions,
): Promise<CapturePlan> {
  const { publication } = options;
  if (!(await isSuperuser(client))) return continuePrepared(client, options);
  const plan = await makePlan(client, options);
  await createCaptureTables(client);
  for (const exclusion of plan.exclusions) await saveExclusion(client, exclusion, exclusion.reason);
  await saveScope(client, publication, options.scope ?? (await readScope(client, publication)));
  await createLogFunctions(client);
  await createStatementFunction(client);
  await watchIdentities(client);
  await watchTables(client);
  await noticeDifferences(client);
  // Once more, for tables may have been made before there was a trigger.
  const { steps } = await makePlan(client, options);
  // Each table is altered by itself, so that no lock is held longer than that takes.
  await client.query(`set lock_timeout = '10s'`);
  for (const { sql, kind } of steps) {
    if (sql === undefined || kind === 'slot') continue;
    if (kind === 'publication') await changePublication(client, publication, sql);
    else await client.query(sql);
  }
  await client.query('set lock_timeout = 0');
  await noticeDifferences(client);
  await notePrepared(client);
  await beginSlot(client, options);
  if (options.role !== undefined) await grantServerRole(client, options.role);
  return plan;
}

/** What a server does without the rights to prepare. */
async function continuePrepared(
  client: pg.ClientBase,
  options: ResolvedPrepareOptions,
): Promise<CapturePlan> {
  if (options.scope ?? options.exclusions ?? options.role)
    throw new CaptureNotPreparedError('Only a superuser chooses what is captured, and grants rights');
  await requireRightsOf(client, options);
  const plan = await makePlan(client, options);
  await beginSlot(client, options);
  return { ...plan, steps: plan.steps.filter(({ kind }) => kind === 'slot') };
}

async function beginSlot(
  client: pg.ClientBase,
  { slot, publication, snapshot }: ResolvedPrepareOptions,
): Promise<void> {
  if ((await createSlot(client, slot)) && snapshot !== 'never')
    await requestSnapshotOfFilledTables(client, slot, publication);
}

/**
 * Removes slot, publication and triggers. Replica identities, capture's own tables and captured documents stay. Stop
 * every capture of the slot first.
 */
export async function removeCapture(postgres: Postgres, names?: Partial<CaptureNames>): Promise<void> {
  const { slot, publication } = resolveCaptureNames(postgres, names);
  await withPreparationLock(postgres, async (client) => {
    await dropSlot(client, slot, 'capture was removed');
    await client.query(`drop publication if exists ${publication}`);
    await releaseStatementTriggers(client);
    await unwatchTables(client);
    await releaseIdentities(client);
  });
}

/** Runs the work over a connection of its own, while no other process prepares. */
export function withPreparationLock<Result>(
  postgres: Postgres,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  // Closing the connection releases the lock and undoes its settings, whatever state it is in.
  return withSession(postgres, 'capture preparation', async (client) => {
    await pinSession(client);
    await client.query('select pg_advisory_lock($1)', [preparationLock]);
    return work(client);
  });
}
