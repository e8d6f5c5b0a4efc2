import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useModels } from '@infratraq/testing';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { chatGateway, type ChatGateway } from '../gateway/chat-gateway.js';
import { ChatMessage, ChatReadState, ChatService, type ChatMembership } from '../../index.js';
import type { MessageView } from '../present-message.js';

const database = useModels(ChatMessage, ChatReadState);
const historyFrom = new Map<string, Date>();
const membership: ChatMembership = {
  roleOf: async () => 'member',
  historyFrom: async (_channel, userId) => historyFrom.get(userId),
};
const sockets: Socket[] = [];
let server: Server;
let gateway: ChatGateway;
let url: string;

/** A process that serves chat; a second one has announced nothing yet. */
const openChat = () => new ChatService({ models: database.models, membership });

beforeAll(async () => {
  const http = createServer();
  server = new Server(http);
  gateway = chatGateway(server.of('/chat'), {
    chat: openChat(),
    authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/chat`;
});
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await server.close();
});

/** A device of a user, with all that it was told. */
async function connect(token: string) {
  const socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
  sockets.push(socket);
  const told: [string, unknown][] = [];
  socket.onAny((event: string, payload: unknown) => told.push([event, payload]));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const ask = (event: string, payload: object) => socket.timeout(60_000).emitWithAck(event, payload);
  const hear = (event: string) =>
    new Promise<unknown>((resolve) => socket.once(event, (payload: unknown) => resolve(payload)));
  return { ask, hear, told };
}

/** A channel with an old message, that a newcomer joined after it. */
async function openChannel() {
  const channel = `project:${randomUUID()}`;
  const newcomer = `newcomer-${randomUUID()}`;
  const old = { channel, sender_id: 'ada', client_message_id: randomUUID(), body: 'before your time' };
  const { message } = await openChat().send(old);
  await database.models
    .of(ChatMessage)
    .updateOne({ _id: message._id }, { $set: { created_at: new Date(Date.now() - 3_600_000) } });
  historyFrom.set(newcomer, new Date(Date.now() - 60_000));
  const [ada, ben, newbie] = await Promise.all([connect('ada'), connect('ben'), connect(newcomer)]);
  for (const { ask } of [ada, ben, newbie]) await ask('channel:join', { channel });
  for (const { told } of [ada, ben, newbie]) told.length = 0;
  return { channel, old, message_id: message._id.toHexString(), ada, ben, newbie, newcomer };
}

describe('a newcomer to a channel', () => {
  it.each([
    ['message:edit', { body: 'rewritten, still before your time' }, 'message:updated'],
    ['message:react', { emoji: '👍', on: true }, 'reaction:changed'],
    ['message:pin', { on: true }, 'message:updated'],
    ['message:delete', {}, 'message:deleted'],
  ])('is told nothing by a %s of what was said before', async (event, change, announced) => {
    const { channel, message_id, ada, ben, newbie } = await openChannel();
    const [heard, resync] = [ben.hear(announced), newbie.hear('chat:resync')];
    await ada.ask(event, { message_id, ...change });
    expect(await heard).toMatchObject({ message_id });
    expect(await resync).toEqual({ channels: [channel] });
    const names = newbie.told.map(([name]) => name).filter((name) => name !== 'presence:changed');
    expect(names).toEqual(['chat:resync']);
    const sync = { channel, after_seq: 1, changed_since: new Date(0).toISOString() };
    expect(await newbie.ask('channel:sync', sync)).toMatchObject({ ok: true, messages: [], changed: [] });
  });

  it('is told nothing by a message that is sent again after a long time', async () => {
    const { channel, old, ada, ben, newbie } = await openChannel();
    const [heard, resync] = [ben.hear('message:created'), newbie.hear('chat:resync')];
    const { client_message_id, body } = old;
    await ada.ask('message:send', { channel, client_message_id, body });
    expect(await heard).toMatchObject({ seq: 1 });
    await resync;
    expect(newbie.told.some(([name]) => name === 'message:created')).toBe(false);
  });

  it('hears what is new, and syncs what is changed of it', async () => {
    const { channel, ada, newbie } = await openChannel();
    const created = newbie.hear('message:created');
    const { message_id } = await ada.ask('message:send', {
      channel,
      client_message_id: randomUUID(),
      body: 'welcome',
    });
    expect(await created).toMatchObject({ seq: 2, body: 'welcome' });
    const resync = newbie.hear('chat:resync');
    await ada.ask('message:edit', { message_id, body: 'Welcome!' });
    await resync;
    const answer = await newbie.ask('channel:sync', {
      channel,
      after_seq: 2,
      changed_since: new Date(Date.now() - 60_000).toISOString(),
    });
    expect(answer.changed.map(({ body }: MessageView) => body)).toEqual(['Welcome!']);
  });

  it('is told everything once they may see all', async () => {
    const { channel, message_id, ada, newbie, newcomer } = await openChannel();
    historyFrom.delete(newcomer);
    await gateway.checkMembership({ channel, user_id: newcomer });
    const updated = newbie.hear('message:updated');
    await ada.ask('message:edit', { message_id, body: 'not before your time any more' });
    expect(await updated).toMatchObject({ body: 'not before your time any more' });
  });
});
