import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectMongo } from '@infratraq/mongo';
import { io, type Socket } from 'socket.io-client';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

describe('channels in PostgreSQL, changed while chat runs', () => {
  let server: TestServer;
  const sockets: Socket[] = [];
  const channel = 'project:1';

  beforeAll(async () => {
    server = await openTestServer({ CHAT_RETENTION_DAYS: '90' });
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
    socket.timeout(60_000).emitWithAck(event, payload);
  const hear = (socket: Socket, event: string) => new Promise((resolve) => socket.once(event, resolve));
  const send = (socket: Socket, body: string) =>
    ask(socket, 'message:send', { channel, client_message_id: body, body });
  const run = (statement: string) =>
    server.postgres.pool.query(`${statement} where channel_id = '${channel}' and user_id = 'u-inspector-1'`);

  it('membership changed by plain SQL reaches clients at once: a reader may not post, who is put out hears no more', async () => {
    const manager = await connect('u-manager-1');
    const devices = [await connect('u-inspector-1'), await connect('u-inspector-1')] as const;
    for (const socket of [manager, ...devices])
      expect(await ask(socket, 'channel:join', { channel })).toMatchObject({ ok: true });
    expect(await send(devices[0], 'may post')).toMatchObject({ ok: true });

    const told = Promise.all(devices.map((socket) => hear(socket, 'role:changed')));
    await run(`update infratraq.channel_members set role = 'reader'`);
    expect(await told).toEqual([
      { channel, role: 'reader' },
      { channel, role: 'reader' },
    ]);
    expect(await send(devices[0], 'may not post')).toMatchObject({ error: { code: 'channel.forbidden' } });

    const removed = Promise.all(devices.map((socket) => hear(socket, 'channel:removed')));
    const absent = hear(manager, 'presence:changed');
    await run('delete from infratraq.channel_members');
    expect(await removed).toEqual([{ channel }, { channel }]);
    expect(await absent).toEqual({ channel, user_id: 'u-inspector-1', online: false });

    const heard: unknown[] = [];
    for (const socket of devices) socket.onAny((event) => heard.push(event));
    expect(await send(manager, 'among us')).toMatchObject({ ok: true });
    for (const socket of devices)
      expect(await ask(socket, 'channel:join', { channel })).toMatchObject({
        error: { code: 'channel.forbidden' },
      });
    expect(heard).toEqual([]);
  });

  it("keeps to the channel's rules as soon as an owner sets them", async () => {
    await server.postgres.pool.query(
      `update infratraq.channel_members set role = 'owner' where channel_id = '${channel}' and user_id = 'u-manager-1'`,
    );
    const owner = await server.as('u-manager-1', 'member');
    const engineer = await connect('u-engineer-1');
    await ask(engineer, 'channel:join', { channel });
    const rules = `/channels/${encodeURIComponent(channel)}/rules`;
    const other = await server.as('u-engineer-1', 'member');
    expect((await other('PATCH', rules, { slow_mode_seconds: 60 })).status).toBe(403);
    const changed = await owner('PATCH', rules, { slow_mode_seconds: 60 });
    expect(changed).toMatchObject({ status: 200, body: { slow_mode_seconds: 60, retention_days: null } });
    expect(await send(engineer, 'first')).toMatchObject({ ok: true });
    expect(await send(engineer, 'second')).toMatchObject({ error: { code: 'channel.slow-mode' } });

    expect(await owner('PATCH', rules, { retention_days: 91 })).toMatchObject({
      status: 400,
      body: { code: 'channel.retention' },
    });

    const mongo = await connectMongo({ uri: server.mongodbUri });
    const messages = mongo.connection.collection('chat_message');
    const { seq } = (await messages.findOne({ channel, body: 'first' })) as unknown as { seq: number };
    const created_at = new Date(Date.now() - 3 * 86_400_000);
    await messages.updateMany({ channel, seq: { $lt: seq } }, { $set: { created_at } });
    const resync = hear(engineer, 'chat:resync');
    await owner('PATCH', rules, { slow_mode_seconds: null, retention_days: 2 });
    expect(await resync).toEqual({ channels: [channel] });
    expect(await messages.countDocuments({ channel })).toBe(1);
    await mongo.close();
    expect(await send(engineer, 'third')).toMatchObject({ ok: true, seq: seq + 1 });
    const search = await other<{ items: { body: string }[] }>(
      'GET',
      `/channels/${encodeURIComponent(channel)}/search?q=THIRD`,
    );
    expect(search.body.items.map(({ body }) => body)).toEqual(['third']);
  });

  it("cuts what is older than the deployment's rule, also in channels that have none of their own", async () => {
    const owner = await server.as('u-manager-1', 'member');
    await owner('PATCH', `/channels/${encodeURIComponent(channel)}/rules`, { retention_days: null });
    const engineer = await connect('u-engineer-1');
    await ask(engineer, 'channel:join', { channel });
    const { seq } = (await send(engineer, 'young')) as unknown as { seq: number };
    const mongo = await connectMongo({ uri: server.mongodbUri });
    const messages = mongo.connection.collection('chat_message');
    const created_at = new Date(Date.now() - 91 * 86_400_000);
    const resync = hear(engineer, 'chat:resync');
    await messages.updateMany({ channel, seq: { $lt: seq } }, { $set: { created_at } });
    // Any change of a channel's row has the server look; else it does every hour.
    await owner('PATCH', `/channels/${encodeURIComponent(channel)}/rules`, { slow_mode_seconds: 5 });
    expect(await resync).toEqual({ channels: [channel] });
    const left = await messages.find({ channel }).toArray();
    expect(left.map(({ body }) => body as string)).toEqual(['young']);
    await mongo.close();
  });
});
