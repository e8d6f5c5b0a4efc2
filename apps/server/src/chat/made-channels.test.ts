import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

type Call = Awaited<ReturnType<TestServer['as']>>;
interface Channel {
  channel_id: string;
  unread_count: number;
  last_message: { body: string } | null;
  muted: boolean;
}

let server: TestServer;
let ada: Call;
let ben: Call;
let operator: Call;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await openTestServer();
  await server.postgres.pool.query(`
    insert into infratraq.users (user_id, display_name) values ('ada', 'Ada'), ('ben', 'Ben'), ('root', 'Root')
    on conflict do nothing`);
  ada = await server.as('ada', 'member');
  ben = await server.as('ben', 'member');
  operator = await server.as('root', 'operator');
});
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await server.close();
});

const connect = async (user: string): Promise<Socket> => {
  const token = await server.tokenOf(user, ['member']);
  const socket = io(`${server.url}/chat`, { auth: { token }, transports: ['websocket'], forceNew: true });
  sockets.push(socket);
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  return socket;
};
const ask = (socket: Socket, event: string, payload: object) =>
  socket.timeout(60_000).emitWithAck(event, payload) as Promise<Record<string, unknown>>;
const hear = (socket: Socket, event: string) => new Promise((resolve) => socket.once(event, resolve));
const make = async (title: string, members: unknown[] = []) => {
  const made = await ada<Channel>('POST', '/channels', { title, members });
  expect(made).toMatchObject({ status: 201, body: { kind: 'group', title, role: 'manager' } });
  return made.body.channel_id;
};
const refusal = (status: number, code: string) => ({ status, body: { code } });

it('a group is made, joined, written in, renamed, left and archived, and those concerned hear of it', async () => {
  const [first, second] = [await connect('ada'), await connect('ben')];
  const channel = await make('Bridge');
  await ask(first, 'channel:join', { channel });
  expect(await ask(second, 'channel:join', { channel })).toMatchObject({
    error: { code: 'channel.forbidden' },
  });

  const added = hear(second, 'member:added');
  expect((await ada('PUT', `/channels/${channel}/members/ben`, { role: 'member' })).status).toBe(200);
  expect(await added).toEqual({ channel, user_id: 'ben', role: 'member' });
  expect(await ask(second, 'channel:join', { channel })).toMatchObject({ ok: true });
  const sent = { channel, client_message_id: 'm-1', body: 'hello' };
  expect(await ask(first, 'message:send', sent)).toMatchObject({ ok: true, seq: 1 });

  const { body } = await ben<{ items: Channel[] }>('GET', '/channels');
  expect(body.items.find((item) => item.channel_id === channel)).toMatchObject({
    unread_count: 1,
    last_message: { body: 'hello' },
    role: 'member',
    muted: false,
  });

  expect(await ben('PATCH', `/channels/${channel}`, { title: 'Mine' })).toMatchObject(
    refusal(403, 'channel.forbidden'),
  );
  const renamed = hear(second, 'channel:updated');
  expect((await ada('PATCH', `/channels/${channel}`, { title: 'Bridge 4' })).status).toBe(200);
  expect(await renamed).toMatchObject({ channel, title: 'Bridge 4' });

  const out = hear(second, 'channel:removed');
  const gone = hear(first, 'member:removed');
  expect((await ada('DELETE', `/channels/${channel}/members/ben`)).status).toBe(200);
  expect(await gone).toEqual({ channel, user_id: 'ben' });
  await out;
  expect(await ask(second, 'channel:join', { channel })).toMatchObject({
    error: { code: 'channel.forbidden' },
  });
  expect(await ben('GET', `/channels/${channel}`)).toMatchObject(refusal(403, 'channel.forbidden'));

  const archived = hear(first, 'channel:archived');
  expect(await ada('DELETE', `/channels/${channel}`)).toMatchObject({
    status: 200,
    body: { archived_at: expect.any(String) },
  });
  await archived;
  expect(await ask(first, 'message:send', { ...sent, client_message_id: 'm-2' })).toMatchObject({
    error: { code: 'channel.archived' },
  });
  expect((await ada('GET', `/channels/${channel}/messages`)).status).toBe(200);
});

it('a repeated key answers the first channel, two users have one direct channel, and unknown users are named', async () => {
  const key = { client_channel_id: 'k-1', title: 'Once' };
  const first = await ada<Channel>('POST', '/channels', key);
  const again = await ada<Channel>('POST', '/channels', key);
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body.channel_id).toBe(first.body.channel_id);
  expect(await ada('POST', '/channels', { ...key, title: 'Twice' })).toMatchObject(
    refusal(409, 'channel.key-reused'),
  );
  const there = await ada<Channel>('POST', '/channels', { kind: 'direct', members: ['ben'] });
  const back = await ben<Channel>('POST', '/channels', { kind: 'direct', members: ['ada'] });
  expect([there.status, back.status]).toEqual([201, 200]);
  expect(back.body.channel_id).toBe(there.body.channel_id);
  expect(await ada('DELETE', `/channels/${there.body.channel_id}/members/ada`)).toMatchObject(
    refusal(409, 'channel.direct-fixed'),
  );
  expect(await ada('POST', '/channels', { title: 'x', members: ['nobody-here'] })).toMatchObject(
    refusal(400, 'user.unknown'),
  );
  expect(await ada('POST', '/channels', {})).toMatchObject(refusal(400, 'channel.invalid'));
});

it('the last manager who leaves hands the channel over, or it is archived', async () => {
  const channel = await make('Handover', ['ben']);
  expect(await ada('PUT', `/channels/${channel}/members/ada`, { role: 'member' })).toMatchObject(
    refusal(409, 'channel.last-manager'),
  );
  expect(await operator('DELETE', `/channels/${channel}/members/ada`)).toMatchObject(
    refusal(409, 'channel.last-manager'),
  );
  expect(await ada('DELETE', `/channels/${channel}/members/ada?successor=ben`)).toMatchObject({
    status: 200,
    body: { archived: false },
  });
  expect(await ben('GET', `/channels/${channel}`)).toMatchObject({
    body: { members: [{ user_id: 'ben', role: 'manager' }] },
  });
  expect(await ben('DELETE', `/channels/${channel}/members/ben`)).toMatchObject({ body: { archived: true } });
  expect(await operator('GET', `/channels/${channel}`)).toMatchObject({
    body: { role: null, last_message: null, archived_at: expect.any(String) },
  });
});

it('whoever may see an entity is a member of its channel, and the list goes page by page', async () => {
  const made = await ada<Channel>('POST', '/channels', {
    kind: 'entity',
    entity_type: 'projects',
    entity_id: '1',
  });
  expect(made).toMatchObject({ status: 201, body: { members_by_scope: true, role: 'manager' } });
  const id = made.body.channel_id;
  expect(await ben('GET', `/channels/${id}`)).toMatchObject({ status: 200, body: { role: 'member' } });
  const auditor = await server.as('otto', 'auditor');
  expect(await auditor('GET', `/channels/${id}`)).toMatchObject(refusal(403, 'channel.forbidden'));
  expect(await ben('PUT', `/channels/${id}/mute`)).toMatchObject({ body: { muted: true } });

  const all = await ben<{ items: Channel[] }>('GET', '/channels?archived=true');
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { body: { items: Channel[]; next_cursor: string | null } } = await ben(
      'GET',
      `/channels?archived=true&limit=1${cursor && `&cursor=${cursor}`}`,
    );
    ids.push(...page.body.items.map(({ channel_id }) => channel_id));
    cursor = page.body.next_cursor;
  }
  expect(ids).toEqual(all.body.items.map(({ channel_id }) => channel_id));
  expect(all.body.items.find(({ channel_id }) => channel_id === id)?.muted).toBe(true);
  expect(await ben('GET', '/channels?cursor=AAAA')).toMatchObject(refusal(400, 'cursor.invalid'));
});
