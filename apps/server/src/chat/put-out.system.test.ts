import { eventually, startRedis, type Redis } from '@infratraq/engines';
import { readEnvironment } from '@infratraq/environment';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { startServer, type RunningServer } from '../index.js';
import { createLogger } from '../platform/create-logger.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { testSecret } from '../testing/sign-token.js';

let redis: Redis;
let server: TestServer;
let another: RunningServer;
let folder: string;
let members: Device[];
let stayer: Device;

interface Device {
  readonly socket: Socket;
  readonly heard: string[];
  removedAt?: number;
}

beforeAll(async () => {
  redis = await startRedis();
  const settings = { REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: '100000' };
  server = await openTestServer(settings);
  folder = await mkdtemp(join(tmpdir(), 'infratraq-another-'));
  const environment = readEnvironment({
    ...settings,
    PORT: '0',
    AUTH_SECRET: testSecret,
    MONGODB_URI: server.mongodbUri,
    POSTGRES_URL: server.postgresUrl,
    DATA_DIR: folder,
  });
  another = await startServer(environment, createLogger('silent'));
  members = [await connect(server.url, 'u-engineer-3'), await connect(another.url, 'u-engineer-3')];
  stayer = await connect(another.url, 'u-manager-1');
}, 60_000);
afterAll(async () => {
  for (const { socket } of [...members, stayer]) socket.disconnect();
  await another.close();
  await server.close();
  await redis.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await query(`delete from infratraq.scope_rules`);
  await query(`insert into infratraq.scope_members (scope, user_id, role)
    values ('project:1', 'u-engineer-3', 'member'), ('project:1', 'u-manager-1', 'manager'),
      ('project:2', 'u-manager-1', 'manager')
    on conflict (scope, user_id) do update set role = excluded.role`);
  await query(`delete from infratraq.scope_members where user_id = 'u-engineer-3' and scope <> 'project:1'`);
});

const query = (statement: string) => server.postgres.pool.query(statement);
const ask = (socket: Socket, event: string, payload: object) =>
  socket.timeout(60_000).emitWithAck(event, payload) as Promise<{ ok: boolean }>;

async function connect(url: string, user: string): Promise<Device> {
  const token = await server.tokenOf(user, ['member']);
  const socket = io(`${url}/chat`, { auth: { token }, transports: ['websocket'], forceNew: true });
  const device: Device = { socket, heard: [] };
  const note = () => (device.removedAt = performance.now());
  socket.on('message:created', ({ body }: { body: string }) => device.heard.push(body));
  socket.on('channel:removed', note);
  socket.on('disconnect', note);
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  return device;
}

/** A channel whose member has a device at each server. */
async function open(made: object): Promise<string> {
  const manager = await server.as('u-manager-1', 'member');
  const { body } = await manager<{ channel_id: string }>('POST', '/channels', made);
  const channel = body.channel_id;
  for (const device of [...members, stayer])
    await eventually(
      () => ask(device.socket, 'channel:join', { channel }),
      ({ ok }) => ok,
    );
  for (const device of members) {
    delete device.removedAt;
    device.heard.length = 0;
  }
  return channel;
}
const group = (title: string) => ({ title, members: ['u-engineer-3'] });
const direct = { kind: 'direct', members: ['u-engineer-3'] };
const ofProject = { kind: 'entity', entity_type: 'projects', entity_id: '1' };
const ofOrder = { kind: 'entity', entity_type: 'work_orders', entity_id: '1' };

it.each<[string, object, (channel: string) => Promise<unknown>]>([
  [
    'is removed from a group',
    group('removed'),
    async (channel) => {
      const manager = await server.as('u-manager-1', 'member');
      return manager('DELETE', `/channels/${channel}/members/u-engineer-3`);
    },
  ],
  [
    'is deleted from a direct channel by SQL',
    direct,
    (channel) =>
      query(
        `delete from infratraq.channel_members where channel_id = '${channel}' and user_id = 'u-engineer-3'`,
      ),
  ],
  [
    'is taken the scope of an entity',
    ofProject,
    () => query(`delete from infratraq.scope_members where user_id = 'u-engineer-3'`),
  ],
  [
    'has the scope of another entity than before',
    ofProject,
    () => query(`update infratraq.scope_members set scope = 'project:2' where user_id = 'u-engineer-3'`),
  ],
  [
    'is a member by scope whose entity moves',
    ofOrder,
    async () => {
      await query(
        'update work_orders set project_id = 2, contract_id = null, asset_id = 2 where work_order_id = 1',
      );
      const member = await server.as('u-engineer-3', 'member');
      const titles = async () =>
        (await member<{ items: { title: string }[] }>('GET', '/channels')).body.items.map(
          ({ title }) => title,
        );
      await eventually(titles, (listed) => !listed.includes('work_orders 1'));
    },
  ],
  [
    'is a member by scope of an entity that is closed to all but operators',
    ofProject,
    () => query(`insert into infratraq.scope_rules (entity_type, rule) values ('projects', 'operators')`),
  ],
  [
    'is suspended',
    group('suspended'),
    () => query(`update infratraq.users set status = 'suspended' where user_id = 'u-engineer-3'`),
  ],
])('who %s is out of the room within a second, on every process', async (_case, made, putOut) => {
  const channel = await open(made);
  const begun = performance.now();
  await putOut(channel);
  await eventually(
    () => members.map(({ removedAt }) => removedAt),
    (times) => times.every((time) => time !== undefined),
    { withinMilliseconds: 3_000 },
  );
  for (const { removedAt = Infinity } of members) expect(removedAt - begun).toBeLessThan(1_000);
  const { socket } = stayer;
  const after = { channel, client_message_id: 'after', body: `after in ${channel}` };
  // Who stays may belong to the channel by the same rule.
  if ((await ask(socket, 'message:send', after)).ok)
    await eventually(
      () => stayer.heard,
      (heard) => heard.includes(after.body),
    );
  for (const { heard } of members) expect(heard).toEqual([]);
  const refused = await server.as('u-engineer-3', 'member');
  expect([401, 403]).toContain((await refused('GET', `/channels/${channel}/messages`)).status);
});
