import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Message } from '@infratraq/chat-wire';
import { pickFreePort, startMongo, startRedis, type MongoEngine, type Redis } from '@infratraq/engines';
import { ChatMessage, ChatReadState } from '@infratraq/messaging';
import { applyIndexes, bindModels, connectMongo, type Mongo } from '@infratraq/mongo';
import { ChatClient } from './index.js';
import { killProcess, startChatProcess } from './testing/start-chat-process.js';

// CHAT_FAULT_ROUNDS=24 makes it a longer run: each round kills a server, every second one the database too.
const rounds = Number(process.env['CHAT_FAULT_ROUNDS'] ?? 4);
const users = 100;
const senders = 40;
const messagesOfEach = 6 * rounds;
const count = senders * messagesOfEach;
const channel = 'project:faults';

let folder: string;
let mongo: MongoEngine;
let redis: Redis;
let store: Mongo;
const servers: ChildProcess[] = [];
const crashes: unknown[] = [];
const ports: string[] = [];
/** Two devices of each user: one at the first server, one at the second. */
const clients: ChatClient[] = [];

const startServer = async (place: number) => {
  const server = await startChatProcess({
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    PORT: ports[place] as string,
    DISCONNECT_MILLISECONDS: '250',
  });
  server.once('exit', (code, signal) => signal === 'SIGKILL' || crashes.push({ place, code, signal }));
  servers[place] = server;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-chat-'));
  [mongo, redis] = await Promise.all([startMongo({ dataDirectory: folder, durable: true }), startRedis()]);
  store = await connectMongo({ uri: mongo.uri });
  await applyIndexes(store.connection, [ChatMessage, ChatReadState]);
  ports.push(String(await pickFreePort()), String(await pickFreePort()));
  await Promise.all([startServer(0), startServer(1)]);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(servers.map(killProcess));
  await store.close();
  await redis.stop();
  await mongo.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (place: number): ChatClient => {
  const client = new ChatClient(`http://127.0.0.1:${ports[Math.floor(place / users)]}`, {
    token: `user-${place % users}`,
    answerMilliseconds: 3_000,
    syncMilliseconds: 5_000,
    reconnectMilliseconds: 500,
    initialMessages: count,
  });
  void client.join(channel);
  return client;
};
const hasEverything = (client: ChatClient) =>
  new Promise<void>((resolve) => {
    const check = () => client.messages(channel).length >= count && resolve();
    client.on('message:created', check);
    check();
  });

/** Sends a user's messages one after the other, in the ways in which messages are doubled; gives back the answers. */
async function sendAll(user: number): Promise<Message[]> {
  const devices = [clients[user], clients[user + users]] as [ChatClient, ChatClient];
  const device = devices[user % 2] as ChatClient;
  const answers: Message[] = [];
  for (let turn = 0; turn < messagesOfEach; turn += 1) {
    const draft = { channel, body: `${user}/${turn}`, client_message_id: `${user}/${turn}` };
    // Through both servers at once; or again after it was acknowledged. What the faults do to answers, clients retry.
    const sending = turn % 3 === 0 ? devices : [device];
    answers.push(...(await Promise.all(sending.map((each) => each.send(draft)))));
    if (turn % 3 === 1) answers.push(await device.send(draft));
    // Paces the senders, so that they send through every fault, each at its own moments.
    await wait(Math.random() * 1_000);
  }
  return answers;
}

async function causeFaults(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    // Messages flow between two faults.
    await wait(1_000);
    await killProcess(servers[round % 2] as ChildProcess);
    await startServer(round % 2);
    if (round % 2 === 1) {
      await mongo.kill();
      mongo = await startMongo({ dataDirectory: folder, durable: true, port: mongo.port });
    }
    // Devices that only listen come and go; each comes back knowing nothing.
    for (let gone = 0; gone < 20; gone += 1) {
      const listener = senders + Math.floor(Math.random() * (users - senders)) + (gone % 2) * users;
      clients[listener]?.close();
      clients[listener] = open(listener);
    }
  }
}

it(
  'every client ends with the same gap-free history, and every acknowledged message is in it once',
  async () => {
    for (let place = 0; place < 2 * users; place += 1) clients.push(open(place));
    const sending = Array.from({ length: senders }, (_, user) => sendAll(user));
    const [answers] = await Promise.all([Promise.all(sending), causeFaults()]);
    await Promise.all(clients.map(hasEverything));

    const models = bindModels(store.connection, [ChatMessage, ChatReadState]);
    const stored = await models.of(ChatMessage).find({ channel }).sort({ seq: 1 }).lean();
    expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, place) => place + 1));
    expect(new Set(stored.map(({ client_message_id }) => client_message_id)).size).toBe(count);
    const ids = stored.map(({ _id }) => _id.toHexString());
    for (const client of clients)
      expect(client.messages(channel).map(({ message_id }) => message_id)).toEqual(ids);
    for (const { message_id, seq } of answers.flat()) expect(ids[seq - 1]).toBe(message_id);
    expect(crashes).toEqual([]);
  },
  60_000 + rounds * 30_000,
);
