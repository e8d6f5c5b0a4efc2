import { describe, expect, it } from '@jest/globals';
import type { ChatRequestName } from '@infratraq/chat-wire';
import { ChatMessage, ChatReadState } from '../../index.js';
import { emit, message, newChannel, useChatGateway } from '../../testing/use-chat-gateway.js';

const { database, open, connect, storedIn } = useChatGateway();

describe('what is refused', () => {
  it.each([
    ['no token', {}],
    ['a token that is not valid', { token: 'forged' }],
    ['a token without roles', { token: 'nobody' }],
    ['an operator object', { token: { $gt: '' } }],
  ])('a connection with %s', async (_name, auth) => {
    const client = open(auth);
    const error = await new Promise<Error & { data?: { code: string } }>((resolve, reject) => {
      client.once('connect_error', resolve);
      client.once('connect', () => reject(new Error('it was let in')));
    });
    expect(error.data?.code).toBe('unauthenticated');
  });

  it('payloads of the wrong shape, which leave nothing behind', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    const operator = { $gt: '' };
    const bad: [ChatRequestName, unknown][] = [
      ['message:send', undefined],
      ['message:send', 'hello'],
      ['message:send', { ...message(channel), channel: operator }],
      ['message:send', { ...message(channel), body: operator }],
      ['message:send', { ...message(channel), client_message_id: operator }],
      ['message:send', { ...message(channel), parent_id: operator }],
      ['message:send', { ...message(channel), seq: 99 }],
      ['message:send', { ...message(channel), sender_id: 'ben' }],
      ['message:send', { ...message(channel), body: 'x'.repeat(8_001) }],
      ['message:send', { ...message(channel), attachments: [{ file_name: '../../etc/passwd' }] }],
      ['message:edit', { message_id: operator, body: 'x' }],
      ['message:read', { channel, seq: -1 }],
      ['message:read', { channel, seq: 1.5 }],
      ['channel:join', { channel, after_seq: operator }],
    ];
    for (const [event, payload] of bad)
      expect([event, await emit(ada, event, payload)]).toMatchObject([
        event,
        { ok: false, error: { code: 'input.invalid' } },
      ]);
    expect(await database.models.of(ChatMessage).countDocuments({ channel })).toBe(0);
    expect(await database.models.of(ChatReadState).countDocuments({ channel })).toBe(0);
  });

  it('an outsider, a reader who posts, and typing in a channel that one has not joined', async () => {
    const channel = newChannel();
    const [mallory, rita] = await Promise.all([connect('mallory'), connect('rita')]);
    const forbidden = { ok: false, error: { code: 'channel.forbidden' } };
    expect(await emit(mallory, 'channel:join', { channel })).toMatchObject(forbidden);
    expect(await emit(mallory, 'message:send', message(channel))).toMatchObject(forbidden);
    expect(await emit(mallory, 'message:read', { channel, seq: 0 })).toMatchObject(forbidden);
    expect(await emit(rita, 'message:send', message(channel))).toMatchObject(forbidden);
    expect(await emit(rita, 'typing', { channel, on: true })).toMatchObject({
      ok: false,
      error: { code: 'channel.not-joined' },
    });
    expect(await storedIn(channel)).toEqual([]);
  });

  it('an event that does not exist', async () => {
    const ada = await connect('ada');
    expect(await emit(ada, 'message:shout' as ChatRequestName, {})).toMatchObject({
      ok: false,
      error: { code: 'event.unknown' },
    });
  });
});
