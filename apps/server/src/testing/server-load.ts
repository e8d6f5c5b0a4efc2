import type { Role } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import type { Connection } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { LoadClient } from './load-client.js';

/** A load on servers, and what it has seen. */
export interface ServerLoad {
  /** Resolves when so many more operations of each kind were acknowledged. */
  progress(operations: number): Promise<void>;
  /** Stops, and answers what no client should have got: nothing, if all is right. */
  stop(): Promise<string[]>;
  /** How often clients had to try again. */
  retries(): number;
  /** Requests that had reached a server and got no answer. */
  interrupted(): string[];
  /** Compares what was acknowledged with what is stored; answers what was lost or doubled. */
  findDifferences(database: NonNullable<Connection['db']>): Promise<string[]>;
}

export interface ServerLoadOptions {
  /** Servers to ask, at each moment. */
  readonly urls: () => readonly string[];
  readonly postgresUrl: string;
}

const channel = 'site-safety';
const recipient = 'u-manager-2';
const chatters = ['u-engineer-1', 'u-manager-1', 'u-engineer-2'];
const asked: readonly (readonly [role: Role, path: string])[] = [
  ['member', '/preferences'],
  ['member', '/notifications'],
  ['member', '/search/suggest?q=bri'],
  ['member', `/channels/${channel}/messages`],
  ['member', '/entities/projects/1/comments'],
  ['member', '/entities/projects/1/attachments'],
  ['operator', '/collections'],
  ['auditor', '/audit/changes'],
];

/** Starts clients of every kind: of routes, of chat, of events and notifications, and of PostgreSQL itself. */
export function startServerLoad({ urls, postgresUrl }: ServerLoadOptions): ServerLoad {
  let isLoading = true;
  const clients: LoadClient[] = [];
  const counts = new Map<string, number>();
  const running: Promise<void>[] = [];
  const events: string[] = [];
  const notifications: string[] = [];
  const messages = new Map<string, number>();
  const firstRow = Date.now();
  let rows = 0;

  const repeat = (name: string, task: () => Promise<boolean>): void => {
    counts.set(name, 0);
    const run = async () => {
      while (isLoading) {
        if (await task()) counts.set(name, counts.get(name)! + 1);
        await delay(40);
      }
    };
    running.push(run());
  };
  const clientOf = (user: string, role: Role): LoadClient => {
    const client = new LoadClient({ urls, user, role, isLoading: () => isLoading });
    clients.push(client);
    return client;
  };
  for (const [role, path] of asked) {
    const client = clientOf('u-engineer-1', role);
    repeat(path, async () => (await client.ask('GET', path)) !== undefined);
  }
  const member = clientOf('u-engineer-3', 'member');
  repeat('events', async () => {
    const event_id = randomUUID();
    const reported = { event_type: 'load:made', event_id, element: { id: event_id } };
    const accepted = await member.ask('POST', '/events', { events: [reported] });
    if (accepted !== undefined) events.push(event_id);
    return accepted !== undefined;
  });
  const operator = clientOf('u-operator-1', 'operator');
  repeat('notifications', async () => {
    const idempotency_key = randomUUID();
    const data = { entity_type: 'projects', entity_id: '1', thread_id: 't', comment_id: 'c' };
    const accepted = await operator.ask('POST', '/notifications', {
      to: { users: [recipient] },
      type: 'comment.added',
      data: { ...data, author_id: 'u-operator-1', excerpt: idempotency_key },
      channels: ['in_app'],
      idempotency_key,
    });
    if (accepted !== undefined) notifications.push(idempotency_key);
    return accepted !== undefined;
  });
  for (const user of chatters) {
    const client = clientOf(user, 'member');
    repeat(`chat of ${user}`, async () => {
      const client_message_id = randomUUID();
      const payload = { channel, client_message_id, body: client_message_id };
      const answer = (await client.emit('message:send', payload)) as { seq: number } | undefined;
      if (answer) messages.set(client_message_id, answer.seq);
      // Within the rate that a user may send at.
      await delay(100);
      return answer !== undefined;
    });
  }
  repeat('rows', async () => {
    const client = new pg.Client({ connectionString: postgresUrl });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // Whether the last one was committed may be unknown.
      while (isLoading) {
        await client.query('insert into load_rows values ($1) on conflict do nothing', [firstRow + rows]);
        rows += 1;
        counts.set('rows', rows);
        await delay(20);
      }
    } catch {
      await delay(50);
    } finally {
      await client.end();
    }
    return false;
  });

  return {
    async progress(operations) {
      const goals = new Map([...counts].map(([name, count]) => [name, count + operations]));
      const listWaiting = () =>
        [...counts].filter(([name, count]) => count < goals.get(name)!).map(([name]) => name);
      await eventually(
        () => ({ waiting: listWaiting(), faults: clients.flatMap(({ faults }) => faults) }),
        ({ waiting }) => waiting.length === 0,
        { withinMilliseconds: 60_000 },
      );
    },
    async stop() {
      isLoading = false;
      await Promise.all(running);
      for (const client of clients) client.close();
      return clients.flatMap(({ faults }) => faults);
    },
    interrupted: () => clients.flatMap(({ interrupted }) => interrupted),
    retries: () => clients.reduce((sum, { retries }) => sum + retries, 0),
    async findDifferences(database) {
      const differences: string[] = [];
      const compare = async (what: string, wanted: readonly string[], read: () => Promise<string[]>) => {
        const found = await eventually(read, (given) => wanted.every((one) => given.includes(one)), {
          // A job whose taker has lost its connection comes again once the taker is missed.
          withinMilliseconds: 90_000,
        }).catch(read);
        const known = new Set(found);
        const lost = wanted.filter((one) => !known.has(one));
        if (lost.length > 0) differences.push(`${what}: ${lost.length} of ${wanted.length} lost`);
        if (known.size < found.length) differences.push(`${what}: ${found.length - known.size} doubled`);
      };
      await compare('events', events, async () => {
        const found = await database
          .collection('user_activity_event')
          .find({ event_type: 'load:made' })
          .toArray();
        return found.map(({ element }) => String(element.id));
      });
      await compare('notifications', notifications, async () => {
        const found = await database
          .collection('notification_delivery')
          .find({ recipient_id: recipient, channel: 'in_app' })
          .toArray();
        return found.map(({ body }) => String(body));
      });
      await compare('messages', [...messages.keys()], async () => {
        const found = await database.collection('chat_message').find({ channel }).toArray();
        const numbers = found.map(({ seq }) => Number(seq)).sort((one, other) => one - other);
        if (numbers.some((seq, place) => seq !== place + 1))
          differences.push('messages: a gap in their numbers');
        return found.map(({ client_message_id }) => String(client_message_id));
      });
      await compare(
        'changes of rows',
        Array.from({ length: rows }, (_, place) => String(firstRow + place)),
        async () => {
          const found = await database
            .collection('entity_changelog')
            .find({ entity_type: 'load_rows', operation: 'INSERT' })
            .toArray();
          return found.map(({ entity_id }) => String(entity_id));
        },
      );
      return [...new Set(differences)];
    },
  };
}
