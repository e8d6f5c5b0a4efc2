import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChatMessage, ChatReadState, ChatService, cutHistory } from '@infratraq/messaging';
import { chatGateway, type ChatGateway } from '@infratraq/messaging/gateway';
import { useModels } from '@infratraq/testing';
import { Server as SocketServer } from 'socket.io';
import { ChatClient, type ChatClientOptions, type Message } from './index.js';

const database = useModels(ChatMessage, ChatReadState);
const clients: ChatClient[] = [];
const membership = {
  roleOf: async (channel: string) => (channel.startsWith('closed:') ? undefined : ('member' as const)),
};
let chat: ChatService;
let port = 0;
let http: HttpServer;
let sockets: SocketServer;
let gateway: ChatGateway;
let swallowedAnswers = 0;

async function startServer(): Promise<void> {
  http = createServer();
  sockets = new SocketServer(http);
  chat = new ChatService({ models: database.models, membership, sendRate: { burst: 30, perSecond: 100 } });
  gateway = chatGateway(sockets.of('/chat'), {
    chat,
    membership,
    authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
  });
  sockets.of('/chat').use((socket, next) => {
    socket.use((packet, pass) => {
      if (packet[0] === 'message:send' && swallowedAnswers > 0) {
        swallowedAnswers -= 1;
        packet[packet.length - 1] = () => undefined;
      }
      pass();
    });
    next();
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  port = (http.address() as AddressInfo).port;
}
const stopServer = () => sockets.close();

beforeAll(startServer);
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(stopServer);

const newChannel = () => `project:${randomUUID()}`;
function open(user: string, options: Partial<ChatClientOptions> = {}): ChatClient {
  const client = new ChatClient(`http://127.0.0.1:${port}`, {
    token: async () => user,
    reconnectMilliseconds: 50,
    ...options,
  });
  clients.push(client);
  return client;
}
const connection = (client: ChatClient, wanted: boolean) =>
  new Promise<void>((resolve) => {
    if (client.connected === wanted) return resolve();
    const stop = client.on('connection:changed', ({ connected }) => {
      if (connected !== wanted) return;
      stop();
      resolve();
    });
  });
async function join(
  user: string,
  channel: string,
  options?: Partial<ChatClientOptions>,
): Promise<ChatClient> {
  const client = open(user, options);
  await connection(client, true);
  await client.join(channel);
  return client;
}
const bodies = (client: ChatClient, channel: string) => client.messages(channel).map(({ body }) => body);
/** Resolves once the client's copy of the channel is as wanted. */
const reaches = (client: ChatClient, channel: string, wanted: (messages: readonly Message[]) => boolean) =>
  new Promise<void>((resolve) => {
    const check = () => {
      if (wanted(client.messages(channel))) resolve();
    };
    client.on('message:created', check);
    client.on('message:updated', check);
    client.on('channel:reloaded', check);
    check();
  });
const store = async (channel: string, body: string) =>
  (await chat.send({ channel, sender_id: 'store', client_message_id: randomUUID(), body })).message;

describe('sending', () => {
  it('shows a message as pending at once, and sends what was written offline in order when connected', async () => {
    const channel = newChannel();
    const ben = await join('ben', channel);
    const ada = await join('ada', channel);
    await stopServer();
    await connection(ada, false);
    const sent = ['one', 'two', 'three'].map((body) => ada.send({ channel, body }));
    expect(ada.pending(channel).map(({ body }) => body)).toEqual(['one', 'two', 'three']);
    await startServer();
    expect((await Promise.all(sent)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(ada.pending(channel)).toEqual([]);
    await reaches(ben, channel, ({ length }) => length === 3);
    expect(bodies(ben, channel)).toEqual(['one', 'two', 'three']);
  });

  it('has a message stored and shown once when its acknowledgement is lost', async () => {
    const channel = newChannel();
    const ada = await join('ada', channel, { answerMilliseconds: 100 });
    swallowedAnswers = 2;
    await ada.send({ channel, body: 'once' });
    expect(swallowedAnswers).toBe(0);
    expect(bodies(ada, channel)).toEqual(['once']);
    expect((await chat.history(channel, 'ada')).latest_seq).toBe(1);
  });

  it('waits as long as the server asks when it sends too fast, and loses nothing', async () => {
    const channel = newChannel();
    const ada = await join(`fast-${randomUUID()}`, channel);
    const texts = Array.from({ length: 60 }, (_, turn) => `${turn}`);
    await Promise.all(texts.map((body) => ada.send({ channel, body })));
    expect(bodies(ada, channel)).toEqual(texts);
  });

  it('gives a message back that the server refuses for good, and goes on with the next', async () => {
    const channel = newChannel();
    const ada = await join('ada', channel);
    const refused: string[] = [];
    ada.on('message:refused', ({ message, error }) => refused.push(`${message.body}: ${error.message}`));
    const outcomes = await Promise.allSettled([
      ada.send({ channel, body: ' ' }),
      ada.send({ channel, body: 'fine' }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'message.empty' } },
      { status: 'fulfilled', value: { seq: 1 } },
    ]);
    expect(refused).toEqual([' : Write something, or attach a file']);
  });

  it('refuses what still waits when it is closed', async () => {
    const ada = new ChatClient('http://127.0.0.1:1', { token: 'ada' });
    const sent = ada.send({ channel: newChannel(), body: 'never' });
    ada.close();
    await expect(sent).rejects.toMatchObject({ code: 'client.closed' });
  });
});

describe('receiving', () => {
  it('fills a gap before it shows what comes after it', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    const shown: number[] = [];
    ben.on('message:created', ({ seq }) => shown.push(seq));
    // Stored by a process that died before it could announce them.
    await store(channel, 'one');
    await store(channel, 'two');
    await ada.send({ channel, body: 'three' });
    await reaches(ben, channel, ({ length }) => length === 3);
    expect(shown).toEqual([1, 2, 3]);
  });

  it('fetches what was said and changed while it was away', async () => {
    const channel = newChannel();
    const first = await store(channel, 'one');
    const second = await store(channel, 'two');
    const ben = await join('ben', channel);
    expect(bodies(ben, channel)).toEqual(['one', 'two']);
    await stopServer();
    await connection(ben, false);
    const id = (message: { _id: { toHexString(): string } }) => message._id.toHexString();
    await chat.edit({ message_id: id(first), user_id: 'store', body: 'ONE' });
    await chat.delete({ message_id: id(second), user_id: 'store' });
    await store(channel, 'three');
    await startServer();
    await reaches(ben, channel, (messages) => messages.length === 3);
    expect(bodies(ben, channel)).toEqual(['ONE', '', 'three']);
  });

  it('loads a channel anew whose history was cut', async () => {
    const channel = newChannel();
    for (const body of ['one', 'two', 'three']) await store(channel, body);
    const ben = await join('ben', channel);
    const third = ben.messages(channel)[2] as Message;
    const created_at = new Date(Date.now() - 60_000);
    for (const seq of [1, 2])
      await database.models.of(ChatMessage).updateOne({ channel, seq }, { $set: { created_at } });
    await cutHistory(database.models, { channel, before: new Date(third.created_at) });
    const reloaded = new Promise((resolve) => ben.on('channel:reloaded', resolve));
    gateway.resync(channel);
    expect(await reloaded).toEqual({ channel });
    await reaches(ben, channel, ({ length }) => length === 1);
    expect(ben.messages(channel).map(({ seq }) => seq)).toEqual([3]);
  });

  it('begins with the latest messages of a long channel', async () => {
    const channel = newChannel();
    for (let turn = 1; turn <= 8; turn += 1) await store(channel, `${turn}`);
    const ben = await join('ben', channel, { initialMessages: 3 });
    expect(bodies(ben, channel)).toEqual(['6', '7', '8']);
  });

  it('keeps reactions, edits, pins and deletions of others up to date', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    const { message_id } = await ada.send({ channel, body: 'draft' });
    await reaches(ben, channel, ({ length }) => length === 1);
    await ada.edit(message_id, 'final');
    await ada.react(message_id, '👍', true);
    await ada.pin(message_id, true);
    await reaches(ben, channel, ([message]) => message?.pinned_at !== undefined);
    expect(ben.messages(channel)[0]).toMatchObject({
      body: 'final',
      reactions: [{ emoji: '👍', user_ids: ['ada'] }],
      revision: 3,
    });
    await ada.delete(message_id);
    await reaches(ben, channel, ([message]) => message?.deleted_at !== undefined);
    expect(ben.messages(channel)[0]).toMatchObject({ body: '', reactions: [] });
  });

  it('is told when it is put out of a channel, and refused one that it may not join', async () => {
    const channel = newChannel();
    const ben = await join('ben', channel);
    const removed = new Promise((resolve) => ben.on('channel:removed', resolve));
    gateway.expel(channel, 'ben');
    expect(await removed).toEqual({ channel });
    expect(ben.messages(channel)).toEqual([]);
    await expect(ben.join('closed:1')).rejects.toMatchObject({ code: 'channel.forbidden' });
  });

  it('tells who is there, who types, and what was read', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    await ada.send({ channel, body: 'hello' });
    const typing = new Promise((resolve) => ada.on('typing', resolve));
    const read = new Promise((resolve) => ada.on('read:changed', resolve));
    await ben.type(channel, true);
    await ben.markRead(channel, 1);
    expect(await typing).toEqual({ channel, user_id: 'ben', on: true });
    expect(await read).toMatchObject({ user_id: 'ben', read_seq: 1 });
    expect(await ada.listPresent(channel)).toEqual([
      { user_id: 'ada', devices: 1 },
      { user_id: 'ben', devices: 1 },
    ]);
  });
});
