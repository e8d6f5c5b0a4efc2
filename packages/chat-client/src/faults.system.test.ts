import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pickFreePort, startMongo, startRedis, type MongoEngine, type Redis } from '@infratraq/engines';
import { ChatMessage, ChatReadState } from '@infratraq/messaging';
import { applyIndexes, connectMongo } from '@infratraq/mongo';
import { ChatClient, type Message } from './index.js';
import { killProcess, startChatProcess } from './testing/start-chat-process.js';

const load = { clients: 200, senders: 40, messagesOfEach: 25, pauseMilliseconds: 250, serverKills: 3 };
const channel = 'project:faults';

let folder: string;
let mongo: MongoEngine;
let redis: Redis;
const servers: ChildProcess[] = [];
const ports: string[] = [];
const clients: ChatClient[] = [];

const startServer = async (place: number) => {
  servers[place] = await startChatProcess({
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    PORT: ports[place] as string,
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-chat-'));
  [mongo, redis] = await Promise.all([startMongo({ dataDirectory: folder, durable: true }), startRedis()]);
  const { connection, close } = await connectMongo({ uri: mongo.uri });
  await applyIndexes(connection, [ChatMessage, ChatReadState]);
  await close();
  ports.push(String(await pickFreePort()), String(await pickFreePort()));
  await Promise.all([startServer(0), startServer(1)]);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(servers.map(killProcess));
  await redis.stop();
  await mongo.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (place: number): ChatClient => {
  const client = new ChatClient(`http://127.0.0.1:${ports[place % 2]}`, {
    token: `user-${place}`,
    answerMilliseconds: 3_000,
    syncMilliseconds: 2_000,
    reconnectMilliseconds: 500,
  });
  void client.join(channel);
  return client;
};

it('every client ends with the same gap-free history, and every acknowledged message is in it once', async () => {
  for (let place = 0; place < load.clients; place += 1) clients.push(open(place));
  const acknowledged: Message[] = [];
  const sending = clients.slice(0, load.senders).map(async (client, sender) => {
    for (let turn = 0; turn < load.messagesOfEach; turn += 1) {
      const draft = { channel, body: `${sender}/${turn}`, client_message_id: `${sender}/${turn}` };
      // Twice, as an impatient user or a retrying proxy does.
      const copies = turn % 3 === 0 ? [client.send(draft), client.send(draft)] : [client.send(draft)];
      acknowledged.push(...(await Promise.all(copies)));
      await wait(Math.random() * load.pauseMilliseconds);
    }
  });
  const faults = (async () => {
    for (let kill = 0; kill < load.serverKills; kill += 1) {
      await wait(800);
      const place = kill % 2;
      await killProcess(servers[place] as ChildProcess);
      await startServer(place);
      if (kill === 1) {
        await mongo.kill();
        mongo = await startMongo({ dataDirectory: folder, durable: true, port: mongo.port });
      }
      // Clients that only listen come and go; each comes back knowing nothing.
      for (let gone = 0; gone < 20; gone += 1) {
        const listener = load.senders + Math.floor(Math.random() * (load.clients - load.senders));
        clients[listener]?.close();
        clients[listener] = open(listener);
      }
    }
  })();
  await Promise.all([...sending, faults]);

  const count = load.senders * load.messagesOfEach;
  const isComplete = () => clients.every((client) => client.messages(channel).length >= count);
  while (!isComplete()) await wait(50);
  const history = clients[0]?.messages(channel) as readonly Message[];
  expect(history.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, place) => place + 1));
  expect(new Set(history.map(({ client_message_id }) => client_message_id)).size).toBe(count);
  const ids = history.map(({ message_id }) => message_id);
  for (const client of clients)
    expect(client.messages(channel).map(({ message_id }) => message_id)).toEqual(ids);
  for (const { message_id, seq } of acknowledged) expect(ids[seq - 1]).toBe(message_id);
}, 60_000);
