import type { OpenedNotifications } from '@infratraq/notifications';
import { sql } from 'kysely';
import type { PoolClient } from 'pg';

export async function withPostgresOfOurs(): Promise<void> {
  await postgres.transaction(async (transaction) => {
    await sql`update orders set assignee = 'u-7'`.execute(transaction);
    await notifications.send(request, { transaction });
  });
}

export async function withAnOrm(): Promise<void> {
  const transaction = {
    query: async (sql: string, values: unknown[]) => ({ rows: await prisma.$queryRawUnsafe(sql, ...values) }),
  };
  await notifications.send(request, { transaction });
}

export async function withAClient(): Promise<void> {
  await client.query('begin');
  await client.query('update orders set assignee = $1', ['u-7']);
  await notifications.send({ to: { users: ['u-7'] }, type: 'order.placed', data }, { transaction: client });
  await client.query('commit');
}

type Notifications = OpenedNotifications['notifications'];
declare const postgres: OpenedNotifications['postgres'];
declare const notifications: Notifications;
declare const request: Parameters<Notifications['send']>[0];
declare const data: Readonly<Record<string, unknown>>;
declare const client: PoolClient;
declare const prisma: { $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<object[]> };
