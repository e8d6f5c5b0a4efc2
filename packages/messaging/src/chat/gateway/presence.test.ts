import { describe, expect, it } from '@jest/globals';
import type { Socket as Client } from 'socket.io-client';
import { emit, message, newChannel, next, useChatGateway } from '../../testing/use-chat-gateway.js';

const chat = useChatGateway();
const { connect, rolesByUser, roleIn } = chat;

describe('who is there', () => {
  it('lists everybody present with how many devices they are on', async () => {
    const channel = newChannel();
    const devices = await Promise.all(['ada', 'ada', 'ben'].map(connect));
    for (const device of devices) await emit(device, 'channel:join', { channel });
    expect(await emit(devices[2] as Client, 'presence:list', { channel })).toMatchObject({
      users: [
        { user_id: 'ada', devices: 2 },
        { user_id: 'ben', devices: 1 },
      ],
    });
  });

  it('puts all devices of a member out at once when their membership ends', async () => {
    const channel = newChannel();
    const [phone, laptop, ben] = await Promise.all(['ada', 'ada', 'ben'].map(connect));
    for (const device of [phone, laptop, ben]) await emit(device as Client, 'channel:join', { channel });
    const told = Promise.all([phone, laptop].map((device) => next(device as Client, 'channel:removed')));
    const gone = next(ben as Client, 'presence:changed');
    chat.gateway.expel(channel, 'ada');
    expect(await told).toEqual([{ channel }, { channel }]);
    expect(await gone).toEqual({ channel, user_id: 'ada', online: false });
    const heard: unknown[] = [];
    (phone as Client).on('message:created', (arrived) => heard.push(arrived));
    await emit(ben as Client, 'message:send', message(channel));
    // Refused as outside the channel only after everything that was announced before.
    expect(await emit(phone as Client, 'typing', { channel, on: true })).toMatchObject({ ok: false });
    expect(heard).toEqual([]);
  });

  it('holds a member to what the membership says now, and lets the others be', async () => {
    const channel = newChannel();
    roleIn.set(`${channel}/ada`, 'member').set(`${channel}/ben`, 'member');
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    for (const client of [ada, ben]) await emit(client, 'channel:join', { channel });
    const heardByBen: string[] = [];
    ben.onAny((event: string) => heardByBen.push(event));
    const told = Promise.all([next(ada, 'role:changed'), next(ada, 'chat:resync')]);
    roleIn.set(`${channel}/ada`, 'reader');
    await chat.gateway.checkMembership({ channel, user_id: 'ada' });
    expect(await told).toEqual([{ channel, role: 'reader' }, { channels: [channel] }]);
    const removed = next(ada, 'channel:removed');
    roleIn.delete(`${channel}/ada`);
    rolesByUser['ada'] = undefined;
    await chat.gateway.checkMembership();
    rolesByUser['ada'] = 'member';
    expect(await removed).toEqual({ channel });
    await emit(ben, 'channel:sync', { channel, after_seq: 0 });
    expect(heardByBen.filter((event) => event !== 'presence:changed')).toEqual([]);
  });

  it('tells the others how far a message was delivered', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ada, 'channel:join', { channel });
    await emit(ada, 'message:send', message(channel));
    const delivered = next(ada, 'read:changed');
    await emit(ben, 'message:delivered', { channel, seq: 1 });
    expect(await delivered).toEqual({ channel, user_id: 'ben', read_seq: 0, delivered_seq: 1 });
  });
});
