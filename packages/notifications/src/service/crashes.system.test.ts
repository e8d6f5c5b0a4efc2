import { describe, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { openNotifications } from '../testing/open-notifications.js';
import { openKeyedSender, startKeyedProvider, type KeyedProvider } from '../testing/providers/keyed.js';

const program = fileURLToPath(new URL('../testing/worker-process.ts', import.meta.url));
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;
const recipients = Array.from({ length: 40 }, (_, place) => `user-${place}`);

/** Starts a process that is killed at a step. */
async function startWorker({ databases, provider }: Shared, killAt: string) {
  const { mongodbUri, postgresUrl } = databases;
  const child = fork(program, {
    execArgv: ['-C', '@infratraq/source', '--import', hooks],
    env: {
      PATH: process.env['PATH'],
      MONGODB_URI: mongodbUri,
      POSTGRES_URL: postgresUrl,
      PROVIDER_URL: provider.url,
      KILL_AT: killAt,
    },
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  await Promise.race([once(child, 'message'), ended]);
  return { child, ended };
}

/** Notifications in this process, over databases that a worker shares. */
async function openShared() {
  const databases = await createTestDatabases();
  const provider = await startKeyedProvider();
  const open = await openNotifications({
    databases,
    senders: [openKeyedSender(provider.url)],
    handlerSeconds: 2,
  });
  await open.addUsers(...recipients.map((user_id) => ({ user_id, email: `${user_id}@example.com` })));
  return {
    open,
    databases,
    provider,
    async close() {
      await open.close();
      await provider.close();
      await databases.drop();
    },
  };
}

interface Shared {
  readonly databases: TestDatabases;
  readonly provider: KeyedProvider;
}

const expand = 'notification-expand';
const deliver = 'notification-deliver';
/** In the order in which they are done, from the promise in the outbox to its end. */
const steps = [
  `before handling ${expand}`,
  'before storing',
  'after storing',
  `before adding ${deliver}`,
  `after adding ${deliver}`,
  `before completing ${expand}`,
  `after completing ${expand}`,
  `after handling ${expand}`,
  `before handling ${deliver}`,
  'before sending',
  'after sending',
  'before recording',
  'after recording',
  `before completing ${deliver}`,
  `after completing ${deliver}`,
  `after handling ${deliver}`,
];

describe('a process killed', () => {
  it.concurrent.each(steps)(
    '%s costs nobody a notification, and is made good under the same ids',
    async (killAt) => {
      const shared = await openShared();
      const { open, provider } = shared;
      try {
        const worker = await startWorker(shared, killAt);
        const { notification_id } = await open.service.send({
          to: { users: recipients },
          type: 'task.assigned',
          data: { task: 'Deck' },
          channels: ['email'],
        });
        const [, signal] = await worker.ended;
        expect(signal).toBe('SIGKILL');
        await open.service.start();
        const deliveries = await eventually(
          () => open.models.find(listDeliveriesOfNotification, { notification_id }),
          (found) => found.length === recipients.length && found.every(({ state }) => state === 'sent'),
        );
        // The provider delivers once per key: everybody has exactly one.
        const asked = [...provider.requests].map(([key, { to }]) => [key, to]).sort();
        expect(asked).toEqual(
          deliveries.map(({ _id, recipient_id }) => [String(_id), `${recipient_id}@example.com`]).sort(),
        );
        for (const { times } of provider.requests.values()) expect(times).toBeLessThanOrEqual(2);
        for (const { transitions } of deliveries)
          expect(transitions.map(({ to }) => to)).toEqual(['queued', 'sent']);
      } finally {
        await shared.close();
      }
    },
  );
});
describe('a promise and the transaction that makes it', () => {
  const killAt = async (moment: string) => {
    const shared = await openShared();
    const { open } = shared;
    try {
      const asking = await startWorker(shared, moment);
      asking.child.send(recipients[0]!);
      const [, signal] = await asking.ended;
      expect(signal).toBe('SIGKILL');
      const count = async (table: string) =>
        (await open.postgres.pool.query(`select from infratraq.${table}`)).rowCount;
      await open.service.start();
      const marker = await open.service.send({
        to: { users: [recipients[1]!] },
        type: 'task.assigned',
        data: { task: 'Rail' },
        channels: ['email'] as const,
      });
      // What was promised before it has been delivered before it.
      const delivered = await eventually(
        () => open.models.of(NotificationDelivery).find({ state: 'sent' }).lean(),
        (found) => found.some(({ notification_id }) => notification_id === marker.notification_id),
      );
      return {
        written: await count('groups'),
        promised: (await count('notification_outbox'))! - 1,
        delivered: delivered.length - 1,
      };
    } finally {
      await shared.close();
    }
  };

  it('are both void when their process is killed before it commits', async () => {
    expect(await killAt('before committing')).toEqual({ written: 0, promised: 0, delivered: 0 });
  });

  it('are both kept when it is killed after that', async () => {
    expect(await killAt('after committing')).toEqual({ written: 1, promised: 1, delivered: 1 });
  });
});
