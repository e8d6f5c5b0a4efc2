import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentActor, type ChannelMembership, type ChannelRole } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { UnauthenticatedError, type Acknowledgement } from '@infratraq/transport';
import { Server as SocketServer } from 'socket.io';
import { io, type Socket as Client } from 'socket.io-client';
import { chatGateway, type ChatGateway, type ClientEventName, type ServerEvents } from './gateway.js';
import { ChatMessage, ChatReadState, ChatService, listMessagesOfChannel, type MessageView } from './index.js';

const rolesByUser: Record<string, ChannelRole | undefined> = { ada: 'member', ben: 'member', rita: 'reader' };
const roleIn = new Map<string, ChannelRole>();
const membership: ChannelMembership = {
  roleOf: async (channel, userId) => roleIn.get(`${channel}/${userId}`) ?? rolesByUser[userId],
};

const database = useModels(ChatMessage, ChatReadState);
const clients: Client[] = [];
let server: HttpServer;
let sockets: SocketServer;
let gateway: ChatGateway;

beforeAll(async () => {
  server = createServer();
  sockets = new SocketServer(server);
  gateway = chatGateway(sockets.of('/chat'), {
    unsentPackets: 100,
    chat: new ChatService({ models: database.models, membership }),
    membership,
    authenticate: async (token) => {
      if (token === 'nobody') return { user_id: 'nobody', roles: [] };
      if (!token.startsWith('token-of-')) throw new UnauthenticatedError('This token is not valid');
      return { user_id: token.slice('token-of-'.length), roles: ['member'] };
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

afterAll(async () => {
  await sockets.close();
});

function open(auth: Record<string, unknown>): Client {
  const { port } = server.address() as AddressInfo;
  const client = io(`http://127.0.0.1:${port}/chat`, { auth, transports: ['websocket'], forceNew: true });
  clients.push(client);
  return client;
}

async function connect(user: string): Promise<Client> {
  const client = open({ token: `token-of-${user}` });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('connect_error', reject);
  });
  return client;
}

type Answer = Acknowledgement<Record<string, unknown>> & Record<string, unknown>;
const emit = (client: Client, event: ClientEventName, payload: unknown): Promise<Answer> =>
  client.timeout(60_000).emitWithAck(event, payload);
const next = <Name extends keyof ServerEvents>(client: Client, event: Name) =>
  new Promise<ServerEvents[Name]>((resolve) => client.once(event as string, resolve));
/** The stream beneath a client's own connection; paused, it stops reading, as a phone in a tunnel does. */
const streamOf = (client: Client) =>
  (client.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws
    ._socket;
const newChannel = () => `project:${randomUUID()}`;
const storedIn = (channel: string) => database.models.find(listMessagesOfChannel, { channel });
const message = (channel: string, body = 'hello') => ({ channel, client_message_id: randomUUID(), body });

describe('chat between clients', () => {
  it('brings a message to everybody in the channel, and has stored it by then', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    expect(await emit(ben, 'channel:join', { channel })).toMatchObject({ ok: true, latest_seq: 0 });
    const storedOnArrival = next(ben, 'message:created').then(async (arrived) => ({
      arrived,
      stored: await storedIn(channel),
    }));
    const answer = await emit(ada, 'message:send', message(channel, 'Span 4 is closed'));
    const { arrived, stored } = await storedOnArrival;
    expect(arrived).toMatchObject({ channel, seq: 1, sender_id: 'ada', body: 'Span 4 is closed' });
    expect(answer).toEqual({ ok: true, message_id: arrived.message_id, seq: 1, message: arrived });
    expect(stored.map(({ _id, body }) => [_id.toHexString(), body])).toEqual([
      [arrived.message_id, 'Span 4 is closed'],
    ]);
  });

  it('answers a retry with the first message, and announces it once', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ben, 'channel:join', { channel });
    const heard: number[] = [];
    ben.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const input = message(channel);
    const first = await emit(ada, 'message:send', input);
    expect(await emit(ada, 'message:send', input)).toEqual(first);
    await emit(ada, 'message:send', message(channel));
    // An answer to ben comes after everything that was announced to him before.
    await emit(ben, 'channel:leave', { channel });
    expect(heard).toEqual([1, 2]);
  });

  it('gives a client that comes back exactly what it missed, in order', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    const ben = await connect('ben');
    await emit(ben, 'channel:join', { channel });
    const seen = next(ben, 'message:created');
    await emit(ada, 'message:send', message(channel, 'seen'));
    expect((await seen).seq).toBe(1);
    ben.disconnect();
    for (const body of ['two', 'three', 'four']) await emit(ada, 'message:send', message(channel, body));
    const back = await connect('ben');
    const answer = await emit(back, 'channel:join', { channel, after_seq: 1 });
    const missed = answer.messages as MessageView[];
    expect(missed.map(({ seq, body }) => [seq, body])).toEqual([
      [2, 'two'],
      [3, 'three'],
      [4, 'four'],
    ]);
    expect(answer).toMatchObject({ ok: true, latest_seq: 4, has_more: false });
    const live = next(back, 'message:created');
    await emit(ada, 'message:send', message(channel, 'five'));
    expect((await live).seq).toBe(5);
  });

  it('tells the others of edits, reactions, reading and deletion', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ben, 'channel:join', { channel });
    const { message_id } = (await emit(
      ada,
      'message:send',
      message(channel, 'drfat'),
    )) as unknown as MessageView;

    const edited = next(ben, 'message:updated');
    expect(await emit(ada, 'message:edit', { message_id, body: 'draft' })).toMatchObject({ ok: true });
    expect(await edited).toMatchObject({ message_id, body: 'draft', revision: 1 });

    const reacted = next(ben, 'reaction:changed');
    await emit(ada, 'message:react', { message_id, emoji: '👍', on: true });
    expect(await reacted).toMatchObject({
      user_id: 'ada',
      on: true,
      reactions: [{ emoji: '👍', user_ids: ['ada'] }],
    });

    const read = next(ben, 'read:changed');
    expect(await emit(ada, 'message:read', { channel, seq: 1 })).toMatchObject({ ok: true, read_seq: 1 });
    expect(await read).toEqual({ channel, user_id: 'ada', read_seq: 1, delivered_seq: 1 });

    const deleted = next(ben, 'message:deleted');
    await emit(ada, 'message:delete', { message_id });
    expect(await deleted).toMatchObject({ message_id, seq: 1, body: '', deleted_by: 'ada' });
  });

  it('shows who types and who is there, counting a user with two devices once', async () => {
    const channel = newChannel();
    const ben = await connect('ben');
    await emit(ben, 'channel:join', { channel });
    const presence: unknown[] = [];
    ben.on('presence:changed', (change) => presence.push(change));
    const [phone, laptop] = await Promise.all([connect('ada'), connect('ada')]);
    const here = next(ben, 'presence:changed');
    await emit(phone, 'channel:join', { channel });
    await here;
    await emit(laptop, 'channel:join', { channel });
    const typing = next(ben, 'typing');
    await emit(phone, 'typing', { channel, on: true });
    expect(await typing).toEqual({ channel, user_id: 'ada', on: true });
    await emit(phone, 'channel:leave', { channel });
    const gone = new Promise((resolve) =>
      ben.on('presence:changed', (change: { online: boolean }) => !change.online && resolve(change)),
    );
    laptop.disconnect();
    await gone;
    expect(presence).toEqual([
      { channel, user_id: 'ada', online: true },
      { channel, user_id: 'ada', online: false },
    ]);
  });

  it('records the cause of each message', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    await emit(ada, 'message:send', message(channel));
    await emit(ada, 'message:send', message(channel));
    const causes = (await storedIn(channel)).map(({ cause_id }) => cause_id);
    expect(new Set(causes).size).toBe(2);
    expect(causes.every((cause) => typeof cause === 'string')).toBe(true);
    expect(currentActor()).toBeUndefined();
  });
});

describe('who is there', () => {
  it('lists everybody present with how many devices they are on', async () => {
    const channel = newChannel();
    const devices = await Promise.all(['ada', 'ada', 'ben'].map(connect));
    for (const device of devices) await emit(device, 'channel:join', { channel });
    expect(await emit(devices[2] as Client, 'presence:list', { channel })).toMatchObject({
      users: [
        { user_id: 'ada', devices: 2 },
        { user_id: 'ben', devices: 1 },
      ],
    });
  });

  it('puts all devices of a member out at once when their membership ends', async () => {
    const channel = newChannel();
    const [phone, laptop, ben] = await Promise.all(['ada', 'ada', 'ben'].map(connect));
    for (const device of [phone, laptop, ben]) await emit(device as Client, 'channel:join', { channel });
    const told = Promise.all([phone, laptop].map((device) => next(device as Client, 'channel:removed')));
    const gone = next(ben as Client, 'presence:changed');
    gateway.expel(channel, 'ada');
    expect(await told).toEqual([{ channel }, { channel }]);
    expect(await gone).toEqual({ channel, user_id: 'ada', online: false });
    const heard: unknown[] = [];
    (phone as Client).on('message:created', (arrived) => heard.push(arrived));
    await emit(ben as Client, 'message:send', message(channel));
    // Refused as outside the channel only after everything that was announced before.
    expect(await emit(phone as Client, 'typing', { channel, on: true })).toMatchObject({ ok: false });
    expect(heard).toEqual([]);
  });

  it('holds a member to what the membership says now, and lets the others be', async () => {
    const channel = newChannel();
    roleIn.set(`${channel}/ada`, 'member').set(`${channel}/ben`, 'member');
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    for (const client of [ada, ben]) await emit(client, 'channel:join', { channel });
    const heardByBen: string[] = [];
    ben.onAny((event: string) => heardByBen.push(event));
    const told = Promise.all([next(ada, 'role:changed'), next(ada, 'chat:resync')]);
    roleIn.set(`${channel}/ada`, 'reader');
    await gateway.checkMembership({ channel, user_id: 'ada' });
    expect(await told).toEqual([{ channel, role: 'reader' }, { channels: [channel] }]);
    const removed = next(ada, 'channel:removed');
    roleIn.delete(`${channel}/ada`);
    rolesByUser['ada'] = undefined;
    await gateway.checkMembership();
    rolesByUser['ada'] = 'member';
    expect(await removed).toEqual({ channel });
    await emit(ben, 'channel:sync', { channel, after_seq: 0 });
    expect(heardByBen.filter((event) => event !== 'presence:changed')).toEqual([]);
  });

  it('tells the others how far a message was delivered', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ada, 'channel:join', { channel });
    await emit(ada, 'message:send', message(channel));
    const delivered = next(ada, 'read:changed');
    await emit(ben, 'message:delivered', { channel, seq: 1 });
    expect(await delivered).toEqual({ channel, user_id: 'ben', read_seq: 0, delivered_seq: 1 });
  });
});

describe('a client that reads too slowly', () => {
  it('is sent no more than its share, others go on, and it is asked to sync once it has caught up', async () => {
    const channel = newChannel();
    const [ada, ben, slow] = await Promise.all([connect('ada'), connect('ben'), connect('rita')]);
    for (const client of [ada, ben, slow]) await emit(client, 'channel:join', { channel });
    const count = 400;
    const heardByBen: number[] = [];
    const benHasAll = new Promise<void>((resolve) =>
      ben.on('message:created', ({ seq }: MessageView) => heardByBen.push(seq) === count && resolve()),
    );
    const heard: number[] = [];
    slow.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const resync = next(slow, 'chat:resync');
    const stream = streamOf(slow);
    stream.pause();
    // Nine megabytes in all: more than the system keeps for a connection.
    const body = '€'.repeat(8_000);
    for (let sent = 0; sent < count; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => emit(ada, 'message:send', message(channel, body))));
    await benHasAll;
    stream.resume();
    expect(await resync).toEqual({ channels: [channel] });
    expect(heard.length).toBeLessThan(count);
    const { messages } = await emit(slow, 'channel:sync', { channel, after_seq: heard.at(-1) ?? 0 });
    expect([...heard, ...(messages as MessageView[]).map(({ seq }) => seq)]).toEqual(
      Array.from({ length: count }, (_, place) => place + 1),
    );
  });
});

describe('a client that reads too slowly and is put out of the channel meanwhile', () => {
  it('hears no more of it once it has caught up', async () => {
    const channel = newChannel();
    const [ada, slow] = await Promise.all([connect('ada'), connect('rita')]);
    for (const client of [ada, slow]) await emit(client, 'channel:join', { channel });
    const heard: number[] = [];
    slow.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const removed = next(slow, 'channel:removed');
    const stream = streamOf(slow);
    stream.pause();
    const body = '€'.repeat(8_000);
    for (let sent = 0; sent < 400; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => emit(ada, 'message:send', message(channel, body))));
    gateway.expel(channel, 'rita');
    stream.resume();
    expect(await removed).toEqual({ channel });
    expect(heard.length).toBeLessThan(400);
    const before = heard.length;
    await emit(ada, 'message:send', message(channel));
    await emit(slow, 'presence:list', { channel });
    expect(heard.length).toBe(before);
  });
});

describe('what is refused', () => {
  it.each([
    ['no token', {}],
    ['a token that is not valid', { token: 'forged' }],
    ['a token without roles', { token: 'nobody' }],
    ['an operator object', { token: { $gt: '' } }],
  ])('a connection with %s', async (_name, auth) => {
    const client = open(auth);
    const error = await new Promise<Error & { data?: { code: string } }>((resolve, reject) => {
      client.once('connect_error', resolve);
      client.once('connect', () => reject(new Error('it was let in')));
    });
    expect(error.data?.code).toBe('unauthenticated');
  });

  it('payloads of the wrong shape, which leave nothing behind', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    const operator = { $gt: '' };
    const bad: [ClientEventName, unknown][] = [
      ['message:send', undefined],
      ['message:send', 'hello'],
      ['message:send', { ...message(channel), channel: operator }],
      ['message:send', { ...message(channel), body: operator }],
      ['message:send', { ...message(channel), client_message_id: operator }],
      ['message:send', { ...message(channel), parent_id: operator }],
      ['message:send', { ...message(channel), seq: 99 }],
      ['message:send', { ...message(channel), sender_id: 'ben' }],
      ['message:send', { ...message(channel), body: 'x'.repeat(8_001) }],
      ['message:send', { ...message(channel), attachments: [{ file_name: '../../etc/passwd' }] }],
      ['message:edit', { message_id: operator, body: 'x' }],
      ['message:read', { channel, seq: -1 }],
      ['message:read', { channel, seq: 1.5 }],
      ['channel:join', { channel, after_seq: operator }],
    ];
    for (const [event, payload] of bad)
      expect([event, await emit(ada, event, payload)]).toMatchObject([
        event,
        { ok: false, error: { code: 'input.invalid' } },
      ]);
    expect(await database.models.of(ChatMessage).countDocuments({ channel })).toBe(0);
    expect(await database.models.of(ChatReadState).countDocuments({ channel })).toBe(0);
  });

  it('an outsider, a reader who posts, and typing in a channel that one has not joined', async () => {
    const channel = newChannel();
    const [mallory, rita] = await Promise.all([connect('mallory'), connect('rita')]);
    const forbidden = { ok: false, error: { code: 'channel.forbidden' } };
    expect(await emit(mallory, 'channel:join', { channel })).toMatchObject(forbidden);
    expect(await emit(mallory, 'message:send', message(channel))).toMatchObject(forbidden);
    expect(await emit(mallory, 'message:read', { channel, seq: 0 })).toMatchObject(forbidden);
    expect(await emit(rita, 'message:send', message(channel))).toMatchObject(forbidden);
    expect(await emit(rita, 'typing', { channel, on: true })).toMatchObject({
      ok: false,
      error: { code: 'channel.not-joined' },
    });
    expect(await storedIn(channel)).toEqual([]);
  });

  it('an event that does not exist', async () => {
    const ada = await connect('ada');
    expect(await emit(ada, 'message:shout' as ClientEventName, {})).toMatchObject({
      ok: false,
      error: { code: 'event.unknown' },
    });
  });
});
