import { describe, expect, it } from '@jest/globals';
import type { Socket as Client } from 'socket.io-client';
import type { MessageView } from '../present-message.js';
import { emit, message, newChannel, next, useChatGateway } from '../../testing/use-chat-gateway.js';

const chat = useChatGateway();
const { connect } = chat;

/** The stream beneath a client's own connection; paused, it stops reading, as a phone in a tunnel does. */
const streamOf = (client: Client) =>
  (client.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws
    ._socket;

describe('a client that reads too slowly', () => {
  it('is sent no more than its share, others go on, and it is asked to sync once it has caught up', async () => {
    const channel = newChannel();
    const [ada, ben, slow] = await Promise.all([connect('ada'), connect('ben'), connect('rita')]);
    for (const client of [ada, ben, slow]) await emit(client, 'channel:join', { channel });
    const count = 400;
    const heardByBen: number[] = [];
    const benHasAll = new Promise<void>((resolve) =>
      ben.on('message:created', ({ seq }: MessageView) => heardByBen.push(seq) === count && resolve()),
    );
    const heard: number[] = [];
    slow.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const resync = next(slow, 'chat:resync');
    const stream = streamOf(slow);
    stream.pause();
    // Nine megabytes in all: more than the system keeps for a connection.
    const body = '€'.repeat(8_000);
    for (let sent = 0; sent < count; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => emit(ada, 'message:send', message(channel, body))));
    await benHasAll;
    stream.resume();
    expect(await resync).toEqual({ channels: [channel] });
    expect(heard.length).toBeLessThan(count);
    const { messages } = await emit(slow, 'channel:sync', { channel, after_seq: heard.at(-1) ?? 0 });
    expect([...heard, ...(messages as MessageView[]).map(({ seq }) => seq)]).toEqual(
      Array.from({ length: count }, (_, place) => place + 1),
    );
  });
});

describe('a client that reads too slowly and is put out of the channel meanwhile', () => {
  it('hears no more of it once it has caught up', async () => {
    const channel = newChannel();
    const [ada, slow] = await Promise.all([connect('ada'), connect('rita')]);
    for (const client of [ada, slow]) await emit(client, 'channel:join', { channel });
    const heard: number[] = [];
    slow.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const removed = next(slow, 'channel:removed');
    const stream = streamOf(slow);
    stream.pause();
    const body = '€'.repeat(8_000);
    for (let sent = 0; sent < 400; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => emit(ada, 'message:send', message(channel, body))));
    chat.gateway.expel(channel, 'rita');
    stream.resume();
    expect(await removed).toEqual({ channel });
    expect(heard.length).toBeLessThan(400);
    const before = heard.length;
    await emit(ada, 'message:send', message(channel));
    await emit(slow, 'presence:list', { channel });
    expect(heard.length).toBe(before);
  });
});
