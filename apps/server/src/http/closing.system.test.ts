import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  createTestDatabases,
  eventually,
  providePythonPackages,
  type TestDatabases,
} from '@infratraq/engines';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';
import { fileURLToPath } from 'node:url';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { signToken, testSecret } from '../testing/sign-token.js';
import { startServerProcess, type ServerProcess } from '../testing/start-server-process.js';

const closeMilliseconds = 5_000;
const script = fileURLToPath(new URL('../chat/chat_client.py', import.meta.url));

let databases: TestDatabases;
let folder: string;
let postgres: Postgres;
let mongo: Mongo;
let server: ServerProcess;
let token: string;
let python: string;
const sockets: Socket[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  python = await providePythonPackages(
    { name: 'python-socketio-5.18.1', packages: ['python-socketio[client]==5.18.1'] },
    () => undefined,
  );
  databases = await createTestDatabases();
  folder = await mkdtemp(join(tmpdir(), 'closing-'));
  postgres = await connectPostgres({ url: databases.postgresUrl });
  mongo = await connectMongo({ uri: databases.mongodbUri });
}, 180_000);
beforeEach(async () => {
  server = await startServerProcess({
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    AUTH_SECRET: testSecret,
    DATA_DIR: folder,
  });
  await loadDemonstration(postgres);
  token = await signToken('u-engineer-1', ['member']);
}, 60_000);
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.kill();
});
afterAll(async () => {
  await postgres.close();
  await mongo.close();
  await databases.drop();
  await rm(folder, { recursive: true });
});

/** A connection that sends this and then nothing; what comes is read only when `reads` says so. */
async function send(text: string, reads = true): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  if (reads) socket.resume();
  return socket;
}
const head = (...lines: string[]): string =>
  [...lines, 'host: x', `authorization: Bearer ${token}`, '', ''].join('\r\n');

async function openSilentWebSocket(): Promise<void> {
  const socket = await send(
    head(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ),
    false,
  );
  await once(socket, 'readable');
}
const sendHalfABody = () =>
  send(
    `${head('POST /api/v1/events HTTP/1.1', 'content-type: application/json', 'content-length: 900')}{"ev`,
  );
async function connectPython(): Promise<void> {
  const child = spawn(python, [script, server.url]);
  children.push(child);
  child.stdin.write(`${JSON.stringify({ connect: token })}\n`);
  await once(createInterface({ input: child.stdout }), 'line');
}
/** More than the buffers of both ends hold. */
async function leaveADownloadUnread(): Promise<void> {
  const body = new FormData();
  body.set('file', new Blob([Buffer.alloc(40 * 1024 * 1024, 'plan ')]), 'plan.txt');
  const place = '/api/v1/entities/projects/1/attachments';
  const headers = { authorization: `Bearer ${token}` };
  const stored = await fetch(new URL(place, server.url), { method: 'POST', headers, body });
  expect(stored.status).toBe(201);
  const { file_id } = (await stored.json()) as { file_id: string };
  const socket = await send(head(`GET ${place}/${file_id}/content HTTP/1.1`), false);
  await once(socket, 'readable');
  expect(String(socket.read(15))).toBe('HTTP/1.1 200 OK');
}

/** Sends SIGTERM and answers how the process ended, and how long that took. */
async function terminate(): Promise<{ status: number | null; milliseconds: number }> {
  const begun = performance.now();
  server.signal('SIGTERM');
  const status = await server.ended;
  return { status, milliseconds: performance.now() - begun };
}

const clients: Record<string, () => Promise<unknown>> = {
  'a WebSocket is open and silent': openSilentWebSocket,
  'a body is half sent': sendHalfABody,
  'python-socketio is connected': connectPython,
  'they are all there, with a download that nobody reads and a client that says nothing': () =>
    Promise.all([
      openSilentWebSocket(),
      sendHalfABody(),
      connectPython(),
      leaveADownloadUnread(),
      send(''),
      fetch(new URL('/health/live', server.url)),
    ]),
};

it.each(Object.entries(clients))('ends with status 0 within five seconds while %s', async (_what, begin) => {
  await begin();
  const { status, milliseconds } = await terminate();
  expect(status).toBe(0);
  expect(milliseconds).toBeLessThan(closeMilliseconds);
});

it('is not ready from the signal on, closes connections behind their answers, and lets sockets connect again', async () => {
  const socket = io(`${server.url}/chat`, { auth: { token }, transports: ['websocket'] });
  await once(socket as never, 'connect');
  const disconnected = once(socket as never, 'disconnect');
  server.signal('SIGTERM');
  const ready = await eventually(
    () => fetch(new URL('/health/ready', server.url)),
    ({ status }) => status === 503,
  );
  expect(await ready.json()).toEqual({ status: 'unavailable', checks: {} });
  expect(ready.headers.get('connection')).toBe('close');
  // The client of Socket.IO connects again by itself after this reason, and not after "io server disconnect".
  expect((await disconnected)[0]).toBe('transport close');
  socket.disconnect();
  expect(await server.ended).toBe(0);
});

it('ends at once at the second signal', async () => {
  await openSilentWebSocket();
  server.signal('SIGTERM');
  await eventually(
    () => fetch(new URL('/health/ready', server.url)),
    ({ status }) => status === 503,
  );
  server.signal('SIGTERM');
  expect(await server.ended).toBe(143);
});

it('leaves what it was in the middle of to the next process: every change of rows is kept once', async () => {
  await postgres.pool.query('create table burst (id int primary key)');
  const insert = (from: number) =>
    postgres.pool.query('insert into burst select generate_series($1::int, $1 + 2999)', [from]);
  await insert(0);
  server.signal('SIGTERM');
  await insert(3_000);
  expect(await server.ended).toBe(0);
  server = await startServerProcess({
    MONGODB_URI: databases.mongodbUri,
    POSTGRES_URL: databases.postgresUrl,
    AUTH_SECRET: testSecret,
    DATA_DIR: folder,
  });
  const changelog = mongo.connection.db!.collection('entity_changelog');
  const kept = await eventually(
    () => changelog.find({ entity_type: 'burst', operation: 'INSERT' }).project({ entity_id: 1 }).toArray(),
    ({ length }) => length >= 6_000,
    { withinMilliseconds: 20_000 },
  );
  expect(kept).toHaveLength(6_000);
  expect(new Set(kept.map(({ entity_id }) => entity_id)).size).toBe(6_000);
}, 60_000);
