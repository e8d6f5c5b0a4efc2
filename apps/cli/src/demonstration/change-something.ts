import { runAsActor, type Role } from '@infratraq/kernel';
import type { OpenTransaction, Postgres } from '@infratraq/postgres';
import { sql, type RawBuilder } from 'kysely';

/** Gives numbers from 0 up to, but without, 1: `Math.random`, or a seeded one for a repeatable run. */
export type Random = () => number;

/** What `changeSomething` did, for a log line. */
export interface DemonstrationChange {
  readonly userId: string;
  readonly reason: string;
  readonly table: string;
}

interface Activity {
  readonly reason: string;
  readonly table: string;
  /** The statements of one transaction. */
  plan(random: Random, userId: string): readonly RawBuilder<unknown>[];
}

/** Makes one realistic change to the demonstration's rows, in one transaction, as one of its users. */
export async function changeSomething(
  postgres: Postgres,
  random: Random = Math.random,
): Promise<DemonstrationChange> {
  const { user_id, roles } = pick(await listUsers(postgres), random);
  const { plan, reason, table } = pick(activities, random);
  const run = async (transaction: OpenTransaction): Promise<void> => {
    for (const statement of plan(random, user_id)) await statement.execute(transaction);
  };
  const actor = { user_id, roles: roles as Role[], ip_address: '127.0.0.1', reason };
  await runAsActor(actor, () => postgres.transaction(run));
  return { userId: user_id, reason, table };
}

function listUsers({ db }: Postgres) {
  return db
    .selectFrom('infratraq.users')
    .select(['user_id', 'roles'])
    .where('email', 'like', '%@demonstration.invalid')
    .orderBy('user_id')
    .execute();
}

const activities: readonly Activity[] = [
  {
    reason: 'progress reported from site',
    table: 'work_orders',
    plan: (random) => [
      sql`update work_orders set status = ${pick(['scheduled', 'in_progress', 'blocked', 'done'], random)}, updated_at = now()
          where work_order_id = ${numberUpTo(80, random)}`,
    ],
  },
  {
    reason: 'estimate revised',
    table: 'work_orders',
    plan: (random) => [
      sql`update work_orders set estimated_hours = ${(random() * 80).toFixed(2)}, updated_at = now()
          where work_order_id = ${numberUpTo(80, random)}`,
    ],
  },
  {
    reason: 'variation order agreed',
    table: 'contracts',
    plan: (random) => [
      sql`update contracts set amount = amount + ${numberUpTo(5000, random)}, updated_at = now()
          where contract_id = ${numberUpTo(30, random)}`,
    ],
  },
  {
    reason: 'defect found on site',
    table: 'work_orders',
    plan: (random) => [
      sql`insert into work_orders (project_id, asset_id, title, status, priority, assigned_to, estimated_hours)
          values (${numberUpTo(12, random)}, ${numberUpTo(120, random)}, 'Make good defect found on site', 'open',
            ${numberUpTo(5, random)}, ${`u-engineer-${numberUpTo(3, random)}`}, ${numberUpTo(16, random)})`,
    ],
  },
  { reason: 'asset inspected', table: 'inspections', plan: inspectAsset },
];

function inspectAsset(random: Random, userId: string): readonly RawBuilder<unknown>[] {
  const asset = numberUpTo(120, random);
  const score = 30 + numberUpTo(70, random);
  const findings = JSON.stringify({ photographs: numberUpTo(6, random) });
  return [
    sql`insert into inspections (asset_id, inspected_by, inspected_at, result, findings)
        values (${asset}, ${userId}, now(), ${score < 45 ? 'failed' : 'passed'}, ${findings})`,
    sql`update assets set condition_score = ${score}, updated_at = now() where asset_id = ${asset}`,
  ];
}

const numberUpTo = (largest: number, random: Random) => 1 + Math.floor(random() * largest);
const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)] as Item;
