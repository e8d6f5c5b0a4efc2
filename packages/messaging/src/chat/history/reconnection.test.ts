import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService, cutBefore, cutHistory } from '../../index.js';
import { listMessagesOfChannel } from '../../collections/chat-message.queries.js';
import { retentionDaysOf } from './cut-history.js';

const database = useModels(ChatMessage, ChatReadState);
const historyFrom = new Map<string, Date>();
let chat: ChatService;
const startServer = () => {
  chat = new ChatService({
    models: database.models,
    membership: {
      roleOf: async () => 'member',
      historyFrom: async (_channel, userId) => historyFrom.get(userId),
    },
  });
};
beforeAll(startServer);

const say = async (channel: string, body: string) =>
  (await chat.send({ channel, sender_id: 'ada', client_message_id: randomUUID(), body })).message;
const seqs = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);

/** A channel whose messages were sent one a day, from so many days ago on. */
async function channelOfDays(days: number): Promise<string> {
  const channel = `project:${randomUUID()}`;
  for (let day = 1; day <= days; day += 1) {
    const { _id } = await say(channel, `day ${day}`);
    const created_at = new Date(Date.now() - (days - day) * 86_400_000 - 60_000);
    await database.models.of(ChatMessage).updateOne({ _id }, { $set: { created_at } });
  }
  return channel;
}

describe('coming back to a channel', () => {
  it('continues page by page to the end, however much was missed', async () => {
    const channel = `project:${randomUUID()}`;
    const count = 2_300;
    const send = (turn: number) =>
      chat.send({ channel, sender_id: 'ada', client_message_id: `c-${turn}`, body: `${turn}` });
    await Promise.all(Array.from({ length: 1_500 }, (_, turn) => send(turn)));
    await Promise.all(Array.from({ length: count - 1_500 }, (_, turn) => send(1_500 + turn)));
    const received: number[] = [];
    for (let more = true; more;) {
      const answer = await chat.missed(channel, 'ben', received.at(-1) ?? 0);
      received.push(...seqs(answer.messages));
      more = answer.has_more;
    }
    expect(received).toEqual(Array.from({ length: count }, (_, place) => place + 1));
  });

  it('continues in answers of a few megabytes, without the earlier texts of messages', async () => {
    const channel = `project:${randomUUID()}`;
    const first = await say(channel, '1');
    await chat.edit({ message_id: first._id.toHexString(), user_id: 'ada', body: '2' });
    const large = '🏗'.repeat(8_000);
    await Promise.all(Array.from({ length: 300 }, () => say(channel, large)));
    const received: number[] = [];
    for (let more = true; more;) {
      const { messages, has_more } = await chat.missed(channel, 'ben', received.at(-1) ?? 0);
      expect(messages.length).toBeLessThan(150);
      expect(messages.every(({ edits }) => edits === undefined)).toBe(true);
      received.push(...seqs(messages));
      more = has_more;
    }
    expect(received).toEqual(Array.from({ length: 301 }, (_, place) => place + 1));
    const { messages } = await chat.history(channel, 'ben', { around: 1, limit: 2 });
    expect(messages[0]).toMatchObject({ body: '2', revision: 1 });
    expect(messages[0]).not.toHaveProperty('edits');
  });

  it('tells what was changed meanwhile, beside what is new', async () => {
    const channel = `project:${randomUUID()}`;
    const [first, second, third] = [
      await say(channel, 'one'),
      await say(channel, 'two'),
      await say(channel, 'three'),
    ];
    const { synced_at } = await chat.missed(channel, 'ben', 0);
    const id = (message: ChatMessage) => message._id.toHexString();
    await chat.edit({ message_id: id(first), user_id: 'ada', body: 'ONE' });
    await chat.delete({ message_id: id(second), user_id: 'ada' });
    await chat.react({ message_id: id(third), user_id: 'ben', emoji: '👍', on: true });
    await say(channel, 'four');
    const answer = await chat.missed(channel, 'ben', { after_seq: 3, changed_since: synced_at });
    expect(answer.messages.map(({ body }) => body)).toEqual(['four']);
    expect(answer.changed.map(({ seq, body, revision }) => [seq, body, revision])).toEqual([
      [1, 'ONE', 1],
      [2, '', 1],
      [3, 'three', 1],
    ]);
  });

  it('has a client load anew when it knows messages that are no more', async () => {
    const channel = `project:${randomUUID()}`;
    await say(channel, 'one');
    expect(await chat.missed(channel, 'ben', 7)).toMatchObject({ reset: true, latest_seq: 1, messages: [] });
  });

  it('has a client load anew when another message stands at its place, as after a restored backup', async () => {
    const channel = `project:${randomUUID()}`;
    await say(channel, 'one');
    const lost = await say(channel, 'two');
    await database.models.of(ChatMessage).deleteOne({ _id: lost._id });
    startServer();
    const other = await say(channel, 'another two');
    await say(channel, 'three');
    const comeBack = (message: ChatMessage) =>
      chat.missed(channel, 'ben', { after_seq: 2, after_message_id: message._id.toHexString() });
    expect(await comeBack(lost)).toMatchObject({ reset: true, messages: [] });
    expect(seqs((await comeBack(other)).messages)).toEqual([3]);
  });
});

describe('a channel whose history is cut', () => {
  it('changes its epoch, loses only what is older, and stays gap-free', async () => {
    const channel = await channelOfDays(6);
    const before = await chat.missed(channel, 'ben', 6);
    const { deleted } = await cutHistory(database.models, {
      channel,
      before: cutBefore({ channel_days: 3 }) as Date,
    });
    expect(deleted).toBe(3);
    const stored = await database.models.find(listMessagesOfChannel, { channel });
    expect(seqs(stored)).toEqual([4, 5, 6]);
    const known = { after_seq: 6, epoch: before.epoch };
    const after = await chat.missed(channel, 'ben', known);
    expect(after).toMatchObject({ reset: true, first_seq: 4, latest_seq: 6 });
    expect(await chat.missed(channel, 'ben', { ...known, epoch: after.epoch })).toMatchObject({
      reset: false,
      messages: [],
    });
    expect((await chat.history(channel, 'ben', { before: 6 })).has_older).toBe(false);
  });

  it('goes on counting when everything was too old, from the tombstone of its latest message', async () => {
    const channel = await channelOfDays(3);
    await cutHistory(database.models, { channel, before: new Date() });
    const stored = await database.models.find(listMessagesOfChannel, { channel });
    expect(stored.map(({ seq, body }) => [seq, body])).toEqual([[3, '']]);
    expect((await say(channel, 'again')).seq).toBe(4);
  });

  it('tightens the rule of the store and never loosens it', () => {
    expect(retentionDaysOf({ global_days: 30, channel_days: 7 })).toBe(7);
    expect(retentionDaysOf({ global_days: 30, channel_days: 365 })).toBe(30);
    expect(retentionDaysOf({ channel_days: 7 })).toBe(7);
    expect(retentionDaysOf({})).toBeUndefined();
    expect(() => retentionDaysOf({ channel_days: 0 })).toThrow(
      expect.objectContaining({ code: 'channel.retention' }),
    );
  });
});

describe('a member who joined later', () => {
  it('sees and touches nothing that was said before, in whichever way they ask', async () => {
    const channel = await channelOfDays(5);
    historyFrom.set('newcomer', new Date(Date.now() - 1.5 * 86_400_000));
    const sync = await chat.missed(channel, 'newcomer', 0);
    expect(sync).toMatchObject({ first_seq: 4, latest_seq: 5, reset: false });
    expect(seqs(sync.messages)).toEqual([4, 5]);
    for (const window of [{}, { before: 6 }, { after: 0 }, { around: 4 }])
      expect(seqs((await chat.history(channel, 'newcomer', window)).messages)).toEqual([4, 5]);
    expect((await chat.position(channel, 'newcomer')).unread_count).toBe(2);
    const hidden = (await chat.history(channel, 'ada')).messages[0] as ChatMessage;
    const message_id = hidden._id.toHexString();
    await expect(
      chat.react({ message_id, user_id: 'newcomer', emoji: '👍', on: true }),
    ).rejects.toMatchObject({ code: 'message.unknown' });
    expect(seqs((await chat.missed(channel, 'ada', 0)).messages)).toEqual([1, 2, 3, 4, 5]);
  });
});
