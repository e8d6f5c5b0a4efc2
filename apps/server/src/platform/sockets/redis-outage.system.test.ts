import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ChatClient } from '@infratraq/chat-client';
import { eventually, startRedis, type Redis } from '@infratraq/engines';
import { warnOfError } from '@infratraq/kernel';
import { ChatMessage, ChatReadState, ChatService } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { notificationGateway } from '@infratraq/notifications/gateway';
import { useModels } from '@infratraq/testing';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io as connect } from 'socket.io-client';
import { openLink, type CutLink } from '../../testing/cut-link.js';
import { openSockets } from './open-sockets.js';

const database = useModels(ChatMessage, ChatReadState);
const closing: (() => unknown)[] = [];
const roles = new Map<string, 'member' | undefined>();
let redis: Redis;
let link: CutLink;
let urls: readonly [string, string];

const portOf = (url: string) => Number(new URL(url).port);

/** One of several servers, over the same databases. */
async function startServer(redisUrl: string): Promise<string> {
  const http = createServer();
  const sockets = await openSockets(
    { REDIS_URL: redisUrl },
    { warn: () => undefined } as never,
    (close) => void closing.unshift(close),
  );
  const { io, onMissed } = sockets;
  const authenticate = async (token: string) => ({ user_id: token, roles: ['member' as const] });
  const membership = {
    roleOf: async (_channel: string, user: string) => (roles.has(user) ? roles.get(user) : 'member'),
  };
  const chat = chatGateway(io.of('/chat'), {
    chat: new ChatService({ models: database.models, membership } as never),
    authenticate,
    onError: () => undefined,
  });
  onMissed('/chat', (missed) => chat.recover(missed));
  const inboxes = notificationGateway(io.of('/notifications'), {
    inbox: { countUnread: async () => 3 } as never,
    events: new EventEmitter() as never,
    authenticate,
    onError: warnOfError,
  });
  onMissed('/notifications', (missed) => inboxes.recover(missed));
  io.attach(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.unshift(() => io.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  redis = await startRedis();
  link = await openLink(portOf(redis.url));
  // The first reaches Redis by a link that can be cut.
  urls = [await startServer(`redis://127.0.0.1:${link.port}`), await startServer(redis.url)];
});
afterEach(() => roles.clear());
afterAll(async () => {
  for (const close of closing) await close();
  link.close();
  await redis.stop();
});

/** What a client hears of, and its own view of a channel. */
async function join(url: string, user: string, channel: string) {
  // Nothing but a resync lets it catch up within the test.
  const client = new ChatClient(url, { token: user, syncMilliseconds: 3_600_000 });
  closing.unshift(() => client.close());
  const heard: string[] = [];
  client.on('message:created', ({ body }) => heard.push(`created ${body}`));
  client.on('message:updated', ({ seq, revision }) => heard.push(`updated ${seq} to ${revision}`));
  client.on('read:changed', ({ user_id, read_seq }) => heard.push(`${user_id} read ${read_seq}`));
  client.on('presence:outdated', () => heard.push('presence outdated'));
  client.on('channel:removed', () => heard.push('removed'));
  const connected = new Promise<void>((resolve) => client.on('connection:changed', () => resolve()));
  await connected;
  await client.join(channel);
  return { client, heard };
}

/** What a user does while others cannot be told, and what they are to hear of it once. */
async function change(client: ChatClient, channel: string): Promise<string[]> {
  const [first, second, third] = client.messages(channel);
  const sent = await client.send({ channel, body: 'sent meanwhile' });
  await client.edit(first!.message_id, 'edited meanwhile');
  await client.delete(second!.message_id);
  await client.react(third!.message_id, '👍', true);
  await client.markRead(channel, sent.seq);
  return [
    'created sent meanwhile',
    'updated 1 to 1',
    'updated 2 to 1',
    'updated 3 to 1',
    `ada read ${sent.seq}`,
  ];
}

async function openChannel() {
  const channel = `project:${randomUUID()}`;
  const ada = await join(urls[0], 'ada', channel);
  const ben = await join(urls[1], 'ben', channel);
  for (const body of ['one', 'two', 'three']) await ada.client.send({ channel, body });
  await eventually(
    () => ben.client.messages(channel).length,
    (count) => count === 3,
  );
  ben.heard.length = 0;
  return { channel, ada, ben };
}

const changes = (heard: readonly string[]) => heard.filter((one) => !one.startsWith('presence')).toSorted();

it('clients of other servers catch up on exactly what they missed, as soon as Redis is back', async () => {
  const { channel, ada, ben } = await openChannel();
  const inbox = connect(`${urls[1]}/notifications`, { auth: { token: 'ben' }, transports: ['websocket'] });
  closing.unshift(() => inbox.disconnect());
  await once(inbox as unknown as EventEmitter, 'connect');
  const inboxTold = once(inbox as unknown as EventEmitter, 'inbox:resync');

  await redis.kill();
  const missed = await change(ada.client, channel);
  // What this server knows, and that it is not all.
  expect(await ben.client.presence(channel)).toEqual({
    users: [{ user_id: 'ben', devices: 1 }],
    complete: false,
  });
  expect(changes(ben.heard)).toEqual([]);
  redis = await startRedis({ port: portOf(redis.url) });

  await eventually(
    () => changes(ben.heard),
    (heard) => heard.length >= missed.length,
  );
  expect(changes(ben.heard)).toEqual(missed.toSorted());
  expect(ben.heard).toContain('presence outdated');
  expect(ben.client.messages(channel)).toEqual(ada.client.messages(channel));
  await inboxTold;
  await eventually(
    () => ben.client.presence(channel),
    ({ users, complete }) => complete && users.length === 2,
  );

  // Announcements arrive again, each once.
  ben.heard.length = 0;
  await ada.client.send({ channel, body: 'after' });
  await eventually(
    () => changes(ben.heard),
    (heard) => heard.length > 0,
  );
  expect(changes(ben.heard)).toEqual(['created after']);
});

it('clients of a server that never lost Redis hear of what another could not announce, in the channels concerned', async () => {
  const { channel, ada, ben } = await openChannel();
  const other = await join(urls[1], 'rita', `project:${randomUUID()}`);
  other.heard.length = 0;
  link.cut();
  const missed = await change(ada.client, channel);
  expect(changes(ben.heard)).toEqual([]);
  link.mend();
  await eventually(
    () => changes(ben.heard),
    (heard) => heard.length >= missed.length,
  );
  expect(changes(ben.heard)).toEqual(missed.toSorted());
  expect(other.heard).toEqual([]);
});

it('a member who is put out while Redis is away hears no more of the channel once it is back', async () => {
  const { channel, ada, ben } = await openChannel();
  await redis.kill();
  roles.set('ben', undefined);
  await ada.client.send({ channel, body: 'without ben' });
  redis = await startRedis({ port: portOf(redis.url) });
  await eventually(
    () => ben.heard,
    (heard) => heard.includes('removed'),
  );
  expect(ben.heard).not.toContain('created without ben');
});

it('a Redis that answers no more delays the clients of one server by a moment, and those of others until it does', async () => {
  const { channel, ada, ben } = await openChannel();
  const eve = await join(urls[0], 'eve', channel);
  eve.heard.length = 0;
  link.stall();
  const missed = await change(ada.client, channel);
  await eventually(
    () => changes(eve.heard),
    (heard) => heard.length >= missed.length,
    {
      withinMilliseconds: 10_000,
    },
  );
  expect((await ada.client.presence(channel)).complete).toBe(false);
  link.mend();
  await eventually(
    () => changes(ben.heard),
    (heard) => heard.length >= missed.length,
  );
  expect(changes(ben.heard)).toEqual(missed.toSorted());
  expect(changes(eve.heard)).toEqual(missed.toSorted());
});
