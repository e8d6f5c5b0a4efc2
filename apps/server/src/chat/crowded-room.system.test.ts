import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { signToken, testSecret } from '../testing/sign-token.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

const people = 300;
const senders = 40;
const messagesPerSecond = 20;
const seconds = 20;
const messages = messagesPerSecond * seconds;

let databases: TestDatabases;
let folder: string;
let postgres: Postgres;
let server: ServerProcess;
let channel: string;
const sockets: Socket[] = [];

beforeAll(async () => {
  databases = await createTestDatabases();
  folder = await mkdtemp(join(tmpdir(), 'infratraq-crowd-'));
  server = await startServerProcess({
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    DATA_DIR: folder,
    AUTH_SECRET: testSecret,
    RATE_LIMIT_PER_MINUTE: '1000000',
  });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await loadDemonstration(postgres);
  await postgres.pool.query(
    `insert into infratraq.users (user_id, display_name) select 'crowd-' || n, 'Crowd' from generate_series(0, $1) n`,
    [people],
  );
  await postgres.pool.query(
    `insert into infratraq.scope_members (scope, user_id, role)
       select 'project:1', 'crowd-' || n, 'member' from generate_series(0, $1) n`,
    // The last one sees another project.
    [people - 1],
  );
  const made = await fetch(`${server.url}/api/v1/channels`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await signToken('crowd-0', ['member'])}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ kind: 'entity', entity_type: 'projects', entity_id: '1' }),
  });
  channel = ((await made.json()) as { channel_id: string }).channel_id;
}, 120_000);
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await server.kill();
  await postgres.close();
  await databases.drop();
  await rm(folder, { recursive: true });
});

async function connect(place: number): Promise<Socket> {
  const token = await signToken(`crowd-${place}`, ['member']);
  const socket = io(`${server.url}/chat`, { auth: { token }, transports: ['websocket'], forceNew: true });
  sockets.push(socket);
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  return socket;
}
const ask = (socket: Socket, event: string, payload: object) =>
  socket.timeout(60_000).emitWithAck(event, payload) as Promise<Record<string, unknown>>;

it(`${people} members by scope hear ${messages} messages at ${messagesPerSecond} a second, each once and in order`, async () => {
  const heard = Array.from({ length: people }, (): number[] => []);
  let [disconnected, complete] = [0, 0];
  let tellHeard = (): void => undefined;
  const everybodyHeard = new Promise<void>((resolve) => (tellHeard = resolve));
  const crowd: Socket[] = [];
  for (const [place, seqs] of heard.entries()) {
    const socket = await connect(place);
    socket.on('message:created', ({ seq }: { seq: number }) => {
      if (seqs.push(seq) === messages && (complete += 1) === people) tellHeard();
    });
    socket.on('disconnect', () => (disconnected += 1));
    crowd.push(socket);
  }
  const joined = await Promise.all(crowd.map((socket) => ask(socket, 'channel:join', { channel })));
  expect(joined.filter(({ ok }) => ok !== true)).toEqual([]);
  expect(await ask(await connect(people), 'channel:join', { channel })).toMatchObject({
    error: { code: 'channel.forbidden' },
  });

  const answers: Promise<Record<string, unknown>>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < messages; sent += 1) {
    await wait(Math.max(0, begun + (sent * 1_000) / messagesPerSecond - performance.now()));
    const message = { channel, client_message_id: `m-${sent}`, body: `message ${sent}` };
    answers.push(ask(crowd[sent % senders] as Socket, 'message:send', message));
  }
  const stored = await Promise.all(answers);
  const order = Array.from({ length: messages }, (_, place) => place + 1);
  expect(stored.map(({ seq }) => seq as number).sort((left, right) => left - right)).toEqual(order);
  await Promise.race([everybodyHeard, wait(30_000, undefined, { ref: false })]);
  expect(heard.filter((seqs) => seqs.join() !== order.join())).toEqual([]);
  expect(disconnected).toBe(0);
}, 120_000);
