import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useModels } from '@infratraq/testing';
import { UnauthenticatedError } from '@infratraq/transport';
import { Types } from 'mongoose';
import { Server as SocketServer } from 'socket.io';
import { io, type Socket as Client } from 'socket.io-client';
import { notificationGateway } from './gateway.js';
import { inboxEvents } from './inbox/inbox-events.js';
import { NotificationDelivery } from './collections/notification-delivery.js';
import { Inbox } from './inbox/inbox.js';
import type { NotificationEvents } from './context/notification-context.js';

interface Item {
  readonly id: string;
  readonly title: string;
  readonly seen_at?: string;
  readonly read_at?: string;
}
interface Answer {
  readonly ok: boolean;
  readonly items?: Item[];
  readonly next_cursor?: string;
  readonly unread?: number;
  readonly read?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

const database = useModels(NotificationDelivery);
const clients: Client[] = [];
let http: HttpServer;
let sockets: SocketServer;
let inbox: Inbox;

beforeAll(async () => {
  http = createServer();
  sockets = new SocketServer(http);
  const events: NotificationEvents = new EventEmitter();
  inbox = new Inbox({ models: database.models, events });
  notificationGateway(sockets.of('/notifications'), {
    inbox,
    events,
    authenticate: async (token) => {
      if (token === 'without role') return { user_id: 'nobody', roles: [] };
      if (!token.startsWith('token of ')) throw new UnauthenticatedError('This token is not valid');
      return { user_id: token.slice('token of '.length), roles: ['member'] };
    },
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => database.models.of(NotificationDelivery).deleteMany({}));
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => sockets.close());

function open(auth: object): Client {
  const { port } = http.address() as AddressInfo;
  const client = io(`http://127.0.0.1:${port}/notifications`, {
    auth,
    transports: ['websocket'],
    forceNew: true,
  });
  clients.push(client);
  return client;
}

/** A session of a user, once it has been told how much is unread. */
async function connect(user: string): Promise<{ client: Client; unread: number }> {
  const client = open({ token: `token of ${user}` });
  const { unread } = (await next(client)) as { unread: number };
  return { client, unread };
}
const next = async (client: Client) =>
  ((await once(client as never, 'inbox:changed')) as [{ unread: number; item?: Item; item_id?: string }])[0];
const ask = (client: Client, event: string, payload: unknown = {}) =>
  client.emitWithAck(event, payload) as Promise<Answer>;
const titlesOf = ({ items = [] }: Answer) => items.map(({ title }) => title);

let second = 0;
async function put(recipient_id: string, ...titles: string[]): Promise<string[]> {
  const items = titles.map((title) => {
    const at = new Date(Date.now() - 3_600_000 + (second += 1) * 1_000);
    return {
      _id: new Types.ObjectId(),
      notification_id: `n-${second}`,
      recipient_id,
      channel: 'in_app',
      type: 'task.assigned',
      title,
      state: 'sent',
      queued_at: at,
      due_at: at,
      unread: true,
      body: 'Have a look',
      transitions: [{ to: 'queued', at, reported_by: 'sender' }],
    };
  });
  await database.models.of(NotificationDelivery).insertMany(items as never[]);
  return items.map(({ _id }) => String(_id));
}

describe('the inbox over Socket.IO', () => {
  it.each([
    [{}, 'unauthenticated'],
    [{ token: 7 }, 'unauthenticated'],
    [{ token: 'forged' }, 'unauthenticated'],
    [{ token: 'without role' }, 'unauthenticated'],
  ])('lets nobody in by %j', async (auth, code) => {
    const [error] = (await once(open(auth) as never, 'connect_error')) as [{ data: { code: string } }];
    expect(error.data.code).toBe(code);
  });

  it('tells how much is unread, and lists one’s own items, newest first, page by page', async () => {
    await put('ada', 'One', 'Two', 'Three');
    await put('ben', 'Not yours');
    const { client, unread } = await connect('ada');
    expect(unread).toBe(3);
    const first = await ask(client, 'inbox:list', { limit: 2 });
    expect([titlesOf(first), first.unread, first.ok]).toEqual([['Three', 'Two'], 3, true]);
    const second = await ask(client, 'inbox:list', { limit: 2, cursor: first.next_cursor });
    expect([titlesOf(second), second.next_cursor]).toEqual([['One'], null]);
  });

  it('counts what is seen as unread still, and what is read no more, in every session of its owner', async () => {
    const [one] = await put('ada', 'One', 'Two');
    const [{ client }, { client: other }] = [await connect('ada'), await connect('ada')];
    const { client: stranger } = await connect('ben');
    const told: unknown[] = [];
    stranger.on('inbox:changed', (change) => told.push(change));

    const seen = next(other);
    expect(await ask(client, 'inbox:seen', { ids: [one] })).toEqual({ ok: true });
    expect(await seen).toEqual({ unread: 2 });
    const read = next(other);
    expect(await ask(client, 'inbox:read', { id: one })).toEqual({ ok: true, unread: 1 });
    expect(await read).toMatchObject({ unread: 1, item_id: one, item: { title: 'One' } });

    const { items } = await ask(client, 'inbox:list');
    const item = items?.find(({ id }) => id === one);
    expect(item).toMatchObject({ seen_at: expect.any(String), read_at: expect.any(String) });
    expect(titlesOf(await ask(client, 'inbox:list', { unread: true }))).toEqual(['Two']);
    // The first time counts.
    await ask(client, 'inbox:seen', { ids: [one] });
    await ask(client, 'inbox:read', { id: one });
    expect((await ask(client, 'inbox:list')).items?.find(({ id }) => id === one)).toEqual(item);
    expect(told).toEqual([]);
  });

  it('puts items away, and marks all that is left as read', async () => {
    const [one] = await put('ada', 'One', 'Two', 'Three');
    await put('ben', 'Not yours');
    const { client } = await connect('ada');
    expect(await ask(client, 'inbox:archive', { id: one })).toEqual({ ok: true, unread: 2 });
    expect(titlesOf(await ask(client, 'inbox:list'))).toEqual(['Three', 'Two']);
    expect(await ask(client, 'inbox:read-all')).toEqual({ ok: true, read: 2 });
    expect(await ask(client, 'inbox:read-all')).toEqual({ ok: true, read: 0 });
    expect((await ask(client, 'inbox:list')).unread).toBe(0);
    expect(await inbox.countUnread('ben')).toBe(1);
  });

  it('keeps its hands off what is others’, and off what is no item', async () => {
    const [theirs] = await put('ben', 'Not yours');
    const { client } = await connect('ada');
    for (const id of [theirs, 'nonsense', '0123456789abcdef01234567'])
      for (const event of ['inbox:read', 'inbox:archive'])
        expect(await ask(client, event, { id })).toMatchObject({
          ok: false,
          error: { code: 'inbox.item-unknown' },
        });
    expect(await ask(client, 'inbox:seen', { ids: [theirs, 'nonsense'] })).toEqual({ ok: true });
    const stored = await database.models.of(NotificationDelivery).findById(theirs).lean();
    expect(stored).toMatchObject({ state: 'sent', unread: true });
    expect(stored?.engagement).toBeUndefined();
  });

  it.each(Object.keys(inboxEvents))('refuses bad input by a stable code: %s', async (event) => {
    const { client } = await connect('ada');
    for (const payload of [null, 'text', [], { id: { $gt: '' } }, { limit: 0 }, { ids: [] }, { $where: '1' }])
      expect(await ask(client, event, payload)).toMatchObject({
        ok: false,
        error: { code: 'input.invalid', message: expect.stringMatching(/./) },
      });
  });
});
