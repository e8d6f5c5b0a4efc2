import { runAsActor } from '@infratraq/kernel';
import { sql, type Transaction } from 'kysely';
import type { Postgres } from '../connect-postgres.js';
import type { Database } from '../database.js';
import { demonstrationUsers } from './demonstration-people.js';

/** Gives numbers from 0 up to, but without, 1: `Math.random`, or a seeded one for a repeatable run. */
export type Random = () => number;

/** What `changeSomething` did, for a log line. */
export interface DemonstrationChange {
  userId: string;
  reason: string;
  table: string;
}

interface Activity {
  reason: string;
  table: string;
  change(transaction: Transaction<Database>, random: Random, userId: string): Promise<unknown>;
}

/** Makes one realistic change to the demonstration's rows, in one transaction, as one of its users. */
export async function changeSomething(
  postgres: Postgres,
  random: Random = Math.random,
): Promise<DemonstrationChange> {
  const user = pick(demonstrationUsers, random);
  const { change, reason, table } = pick(activities, random);
  await runAsActor({ user_id: user.user_id, roles: [...user.roles], ip_address: '127.0.0.1', reason }, () =>
    postgres.transaction((transaction) => change(transaction, random, user.user_id)),
  );
  return { userId: user.user_id, reason, table };
}

const activities: readonly Activity[] = [
  {
    reason: 'progress reported from site',
    table: 'work_orders',
    change: (transaction, random) =>
      transaction
        .updateTable('work_orders')
        .set({
          status: pick(['scheduled', 'in_progress', 'blocked', 'done'] as const, random),
          updated_at: sql<Date>`now()`,
        })
        .where('work_order_id', '=', numberUpTo(80, random))
        .execute(),
  },
  {
    reason: 'estimate revised',
    table: 'work_orders',
    change: (transaction, random) =>
      transaction
        .updateTable('work_orders')
        .set({ estimated_hours: (random() * 80).toFixed(2), updated_at: sql<Date>`now()` })
        .where('work_order_id', '=', numberUpTo(80, random))
        .execute(),
  },
  {
    reason: 'variation order agreed',
    table: 'contracts',
    change: (transaction, random) =>
      transaction
        .updateTable('contracts')
        .set({ amount: sql<string>`amount + ${numberUpTo(5000, random)}`, updated_at: sql<Date>`now()` })
        .where('contract_id', '=', numberUpTo(30, random))
        .execute(),
  },
  {
    reason: 'defect found on site',
    table: 'work_orders',
    change: (transaction, random) =>
      transaction
        .insertInto('work_orders')
        .values({
          project_id: numberUpTo(12, random),
          asset_id: numberUpTo(120, random),
          title: 'Make good defect found on site',
          status: 'open',
          priority: numberUpTo(5, random),
          assigned_to: `u-engineer-${numberUpTo(3, random)}`,
          estimated_hours: numberUpTo(16, random),
        })
        .execute(),
  },
  { reason: 'asset inspected', table: 'inspections', change: inspectAsset },
];

async function inspectAsset(
  transaction: Transaction<Database>,
  random: Random,
  userId: string,
): Promise<void> {
  const asset_id = numberUpTo(120, random);
  const condition_score = 30 + numberUpTo(70, random);
  await transaction
    .insertInto('inspections')
    .values({
      asset_id,
      inspected_by: userId,
      inspected_at: sql<Date>`now()`,
      result: condition_score < 45 ? 'failed' : 'passed',
      findings: JSON.stringify({ photographs: numberUpTo(6, random) }),
    })
    .execute();
  await transaction
    .updateTable('assets')
    .set({ condition_score, updated_at: sql<Date>`now()` })
    .where('asset_id', '=', asset_id)
    .execute();
}

const numberUpTo = (largest: number, random: Random) => 1 + Math.floor(random() * largest);
const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)] as Item;
