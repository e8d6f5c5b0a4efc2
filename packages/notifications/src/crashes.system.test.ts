import { expect, it } from '@jest/globals';
import { startMongo } from '@infratraq/engines';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabases } from '@infratraq/engines';
import { eventually } from '@infratraq/testing';
import { fileURLToPath } from 'node:url';
import { listDeliveriesOfNotification } from './index.js';
import { openNotifications } from './testing/open-notifications.js';

const program = fileURLToPath(new URL('./testing/worker-process.ts', import.meta.url));
const hooks = new URL('../../../tools/swc-hooks.mjs', import.meta.url).href;
const recipients = Array.from({ length: 40 }, (_, place) => `user-${place}`);
const steps = [
  ...['before-store', 'after-store', 'before-add', 'after-add', 'before-complete', 'after-complete'],
  ...['before-send', 'after-send', 'before-record', 'after-record'],
];

it.each(steps)(
  'a process killed %s costs nobody a notification, and is made good under the same ids',
  async (killAt) => {
    const folder = await mkdtemp(join(tmpdir(), 'infratraq-notify-'));
    // An engine that keeps what it has acknowledged, which the shared one does not promise.
    const engine = await startMongo({ dataDirectory: folder, durable: true });
    const databases = { ...(await createTestDatabases({ mongodb: false })), mongodbUri: engine.uri };
    const sent = join(folder, 'sent.txt');
    await writeFile(sent, '');
    const start = async (kill: string) => {
      const child = fork(program, {
        execArgv: ['-C', '@infratraq/source', '--import', hooks],
        env: {
          ...{ PATH: process.env['PATH'], MONGODB_URI: engine.uri, POSTGRES_URL: databases.postgresUrl },
          ...{ SENT: sent, KILL_AT: kill },
        },
      });
      const ended = once(child, 'exit');
      await Promise.race([once(child, 'message'), ended]);
      return { child, ended };
    };
    // This process only asks.
    const asking = await openNotifications({ databases });
    await asking.addUsers(...recipients.map((user_id) => ({ user_id, email: `${user_id}@example.com` })));
    try {
      const first = await start(killAt);
      const { notification_id } = await asking.service.send({
        ...{ to: { users: recipients }, type: 'task.assigned', data: { task: 'Deck' }, channels: ['email'] },
      });
      const [, signal] = (await first.ended) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      const second = await start('');
      const deliveries = await eventually(
        () => asking.models.find(listDeliveriesOfNotification, { notification_id }),
        (found) => found.length === recipients.length && found.every(({ state }) => state === 'sent'),
      );
      second.child.disconnect();
      await second.ended;
      const lines = (await readFile(sent, 'utf8')).trim().split('\n');
      const ids = new Set(lines);
      // Each recipient at least once; a provider that takes the id as idempotency key sends exactly once.
      expect([...ids].map((line) => line.split(' ')[1]).sort()).toEqual([...recipients].sort());
      expect(deliveries.map(({ _id }) => String(_id)).sort()).toEqual(
        [...ids].map((line) => line.split(' ')[0]).sort(),
      );
      // No more than what was under way is sent twice.
      expect(lines.length - ids.size).toBeLessThanOrEqual(recipients.length);
    } finally {
      await asking.close();
      await databases.drop();
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
