import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickFreePort, startMongo, startRedis, type MongoEngine, type Redis } from '@infratraq/engines';
import { ChatMessage, ChatReadState } from '@infratraq/messaging';
import { applyIndexes, bindModels, connectMongo, type Mongo } from '@infratraq/mongo';
import { forkProgram, killProcess, startChatProcess } from './testing/start-chat-process.js';

const channel = 'project:outbox';

let folder: string;
let mongo: MongoEngine;
let redis: Redis;
let store: Mongo;
let server: ChildProcess;
let port: string;
const startServer = async () => {
  server = await startChatProcess({
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    PORT: port,
    DISCONNECT_MILLISECONDS: '500',
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infratraq-outbox-'));
  const dataDirectory = join(folder, 'mongo');
  [mongo, redis] = await Promise.all([startMongo({ dataDirectory, durable: true }), startRedis()]);
  store = await connectMongo({ uri: mongo.uri });
  await applyIndexes(store.connection, [ChatMessage, ChatReadState]);
  port = String(await pickFreePort());
  await startServer();
});
afterAll(async () => {
  await killProcess(server);
  await store.close();
  await redis.stop();
  await mongo.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A client process that writes so many messages, and says what it found unsent; its Web Storage outlives it. */
async function startClient(first: number, count: number, fate: { CRASHES?: string } = {}) {
  const client = forkProgram(
    'chat-client-process.ts',
    { CHAT_URL: `http://127.0.0.1:${port}`, CHANNEL: channel, FIRST: `${first}`, COUNT: `${count}`, ...fate },
    [
      '--experimental-webstorage',
      `--localstorage-file=${join(folder, 'web-storage')}`,
      '--disable-warning=ExperimentalWarning',
    ],
  );
  const [{ left }] = (await once(client, 'message')) as [{ left: string[] }];
  return { client, left };
}
const numbers = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, place) => `${first + place}`);

it('what clients wrote that were killed is sent by those after them, in order and once', async () => {
  const crashing = await startClient(0, 20, { CRASHES: 'yes' });
  expect(crashing.left).toEqual([]);
  expect(await once(crashing.client, 'exit')).toEqual([null, 'SIGKILL']);

  await killProcess(server);
  const offline = await startClient(20, 20);
  expect(offline.left.slice(-10)).toEqual(numbers(10, 20));
  await killProcess(offline.client);
  await startServer();

  const crashingToo = await startClient(40, 20, { CRASHES: 'yes' });
  expect(crashingToo.left).toEqual([...offline.left, ...numbers(20, 40)]);
  expect(await once(crashingToo.client, 'exit')).toEqual([null, 'SIGKILL']);

  const last = await startClient(60, 1);
  expect(last.left.slice(-10)).toEqual(numbers(50, 60));
  expect(await once(last.client, 'exit')).toEqual([0, null]);
  const models = bindModels(store.connection, [ChatMessage, ChatReadState]);
  const stored = await models.of(ChatMessage).find({ channel }).sort({ seq: 1 }).lean();
  expect(stored.map(({ body }) => body)).toEqual(numbers(0, 61));
  expect((await startClient(61, 0)).left).toEqual([]);
}, 120_000);
