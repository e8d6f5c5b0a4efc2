import { describe, expect, it } from '@jest/globals';
import { currentActor } from '@infratraq/kernel';
import type { MessageView } from '../present-message.js';
import { emit, message, newChannel, next, useChatGateway } from '../../testing/use-chat-gateway.js';

const { connect, storedIn } = useChatGateway();

describe('chat between clients', () => {
  it('brings a message to everybody in the channel, and has stored it by then', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    expect(await emit(ben, 'channel:join', { channel })).toMatchObject({ ok: true, latest_seq: 0 });
    const storedOnArrival = next(ben, 'message:created').then(async (arrived) => ({
      arrived,
      stored: await storedIn(channel),
    }));
    const answer = await emit(ada, 'message:send', message(channel, 'Span 4 is closed'));
    const { arrived, stored } = await storedOnArrival;
    expect(arrived).toMatchObject({ channel, seq: 1, sender_id: 'ada', body: 'Span 4 is closed' });
    expect(answer).toEqual({ ok: true, message_id: arrived.message_id, seq: 1, message: arrived });
    expect(stored.map(({ _id, body }) => [_id.toHexString(), body])).toEqual([
      [arrived.message_id, 'Span 4 is closed'],
    ]);
  });

  it('answers a retry with the first message, and announces it once', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ben, 'channel:join', { channel });
    const heard: number[] = [];
    ben.on('message:created', ({ seq }: MessageView) => heard.push(seq));
    const input = message(channel);
    const first = await emit(ada, 'message:send', input);
    expect(await emit(ada, 'message:send', input)).toEqual(first);
    await emit(ada, 'message:send', message(channel));
    // An answer to ben comes after everything that was announced to him before.
    await emit(ben, 'channel:leave', { channel });
    expect(heard).toEqual([1, 2]);
  });

  it('gives a client that comes back exactly what it missed, in order', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    const ben = await connect('ben');
    await emit(ben, 'channel:join', { channel });
    const seen = next(ben, 'message:created');
    await emit(ada, 'message:send', message(channel, 'seen'));
    expect((await seen).seq).toBe(1);
    ben.disconnect();
    for (const body of ['two', 'three', 'four']) await emit(ada, 'message:send', message(channel, body));
    const back = await connect('ben');
    const answer = await emit(back, 'channel:join', { channel, after_seq: 1 });
    const missed = answer.messages as MessageView[];
    expect(missed.map(({ seq, body }) => [seq, body])).toEqual([
      [2, 'two'],
      [3, 'three'],
      [4, 'four'],
    ]);
    expect(answer).toMatchObject({ ok: true, latest_seq: 4, has_more: false });
    const live = next(back, 'message:created');
    await emit(ada, 'message:send', message(channel, 'five'));
    expect((await live).seq).toBe(5);
  });

  it('tells the others of edits, reactions, reading and deletion', async () => {
    const channel = newChannel();
    const [ada, ben] = await Promise.all([connect('ada'), connect('ben')]);
    await emit(ben, 'channel:join', { channel });
    const { message_id } = (await emit(
      ada,
      'message:send',
      message(channel, 'drfat'),
    )) as unknown as MessageView;

    const edited = next(ben, 'message:updated');
    expect(await emit(ada, 'message:edit', { message_id, body: 'draft' })).toMatchObject({ ok: true });
    expect(await edited).toMatchObject({ message_id, body: 'draft', revision: 1 });

    const reacted = next(ben, 'reaction:changed');
    await emit(ada, 'message:react', { message_id, emoji: '👍', on: true });
    expect(await reacted).toMatchObject({
      user_id: 'ada',
      on: true,
      reactions: [{ emoji: '👍', user_ids: ['ada'] }],
    });

    const read = next(ben, 'read:changed');
    expect(await emit(ada, 'message:read', { channel, seq: 1 })).toMatchObject({ ok: true, read_seq: 1 });
    expect(await read).toEqual({ channel, user_id: 'ada', read_seq: 1, delivered_seq: 1 });

    const deleted = next(ben, 'message:deleted');
    await emit(ada, 'message:delete', { message_id });
    expect(await deleted).toMatchObject({ message_id, seq: 1, body: '', deleted_by: 'ada' });
  });

  it('shows who types and who is there, counting a user with two devices once', async () => {
    const channel = newChannel();
    const ben = await connect('ben');
    await emit(ben, 'channel:join', { channel });
    const presence: unknown[] = [];
    ben.on('presence:changed', (change) => presence.push(change));
    const [phone, laptop] = await Promise.all([connect('ada'), connect('ada')]);
    const here = next(ben, 'presence:changed');
    await emit(phone, 'channel:join', { channel });
    await here;
    await emit(laptop, 'channel:join', { channel });
    const typing = next(ben, 'typing');
    await emit(phone, 'typing', { channel, on: true });
    expect(await typing).toEqual({ channel, user_id: 'ada', on: true });
    await emit(phone, 'channel:leave', { channel });
    const gone = new Promise((resolve) =>
      ben.on('presence:changed', (change: { online: boolean }) => !change.online && resolve(change)),
    );
    laptop.disconnect();
    await gone;
    expect(presence).toEqual([
      { channel, user_id: 'ada', online: true },
      { channel, user_id: 'ada', online: false },
    ]);
  });

  it('records the cause of each message', async () => {
    const channel = newChannel();
    const ada = await connect('ada');
    await emit(ada, 'message:send', message(channel));
    await emit(ada, 'message:send', message(channel));
    const causes = (await storedIn(channel)).map(({ cause_id }) => cause_id);
    expect(new Set(causes).size).toBe(2);
    expect(causes.every((cause) => typeof cause === 'string')).toBe(true);
    expect(currentActor()).toBeUndefined();
  });
});
