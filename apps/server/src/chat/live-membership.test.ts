import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

describe('membership of a channel, changed by plain SQL', () => {
  let server: TestServer;
  const sockets: Socket[] = [];
  const channel = 'project:1';

  beforeAll(async () => {
    server = await openTestServer();
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
    socket.timeout(10_000).emitWithAck(event, payload);
  const hear = (socket: Socket, event: string) => new Promise((resolve) => socket.once(event, resolve));
  const send = (socket: Socket, body: string) =>
    ask(socket, 'message:send', { channel, client_message_id: body, body });
  const run = (statement: string) =>
    server.postgres.pool.query(`${statement} where channel_id = '${channel}' and user_id = 'u-inspector-1'`);

  it('reaches connected clients at once: a reader may not post, and who is put out hears no more', async () => {
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
});
