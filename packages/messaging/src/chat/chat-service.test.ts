import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { ChannelMembership, ChannelRole } from './membership.js';
import { useModels } from '@infratraq/testing';
import fc from 'fast-check';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';
import { listMessagesOfChannel } from '../collections/chat-message.queries.js';
import { messageLimits } from '../collections/message-limits.js';

const rolesByUser: Record<string, ChannelRole> = {
  ada: 'member',
  ben: 'member',
  olga: 'owner',
  rita: 'reader',
};
const membership: ChannelMembership = {
  roleOf: async (_channel, userId) => (userId.startsWith('member-') ? 'member' : rolesByUser[userId]),
};

const database = useModels(ChatMessage, ChatReadState);
let chat: ChatService;
beforeAll(() => {
  chat = new ChatService({ models: database.models, membership });
});

const newChannel = () => `project:${randomUUID()}`;
const storedIn = (channel: string) => database.models.find(listMessagesOfChannel, { channel });
const say = (channel: string, body: string, sender_id = 'ada') =>
  chat.send({ channel, sender_id, client_message_id: randomUUID(), body });

describe('sending', () => {
  it('numbers a channel gap-free while several processes send to it at once', async () => {
    const channel = newChannel();
    const processes = Array.from(
      { length: 4 },
      () => new ChatService({ models: database.models, membership }),
    );
    const sent = await Promise.all(
      Array.from({ length: 240 }, (_, turn) => {
        const service = processes[turn % processes.length] as ChatService;
        return service.send({ channel, sender_id: 'ada', client_message_id: `c-${turn}`, body: `${turn}` });
      }),
    );
    const numbers = Array.from({ length: 240 }, (_, place) => place + 1);
    expect(sent.map(({ message }) => message.seq).sort((left, right) => left - right)).toEqual(numbers);
    expect((await storedIn(channel)).map(({ seq }) => seq)).toEqual(numbers);
  });

  it('stores a message once however often and from wherever it is sent again', async () => {
    const tries = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 9 }), process: fc.integer({ min: 0, max: 2 }) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(tries, async (attempts) => {
        const channel = newChannel();
        const processes = Array.from(
          { length: 3 },
          () => new ChatService({ models: database.models, membership }),
        );
        const answers = await Promise.all(
          attempts.map(async ({ id, process }) => {
            const service = processes[process] as ChatService;
            const input = { channel, sender_id: 'ada', client_message_id: `c-${id}`, body: `message ${id}` };
            return { id, ...(await service.send(input)) };
          }),
        );
        const distinct = new Set(attempts.map(({ id }) => id));
        const stored = await storedIn(channel);
        expect(stored.map(({ seq }) => seq)).toEqual(Array.from(distinct, (_, place) => place + 1));
        expect(new Set(stored.map(({ client_message_id }) => client_message_id)).size).toBe(distinct.size);
        for (const { id, message } of answers) expect(message.client_message_id).toBe(`c-${id}`);
        // Exactly one try of each is told that it was the one, so each is announced once.
        expect(answers.filter(({ created }) => created)).toHaveLength(distinct.size);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps equal client ids of two senders apart', async () => {
    const channel = newChannel();
    const one = await chat.send({ channel, sender_id: 'ada', client_message_id: 'same', body: 'one' });
    const two = await chat.send({ channel, sender_id: 'ben', client_message_id: 'same', body: 'two' });
    expect([one.message.seq, two.message.seq]).toEqual([1, 2]);
  });

  it('refuses outsiders and readers, and stores nothing of theirs', async () => {
    const channel = newChannel();
    await expect(say(channel, 'let me in', 'mallory')).rejects.toMatchObject({ code: 'channel.forbidden' });
    await expect(say(channel, 'just this', 'rita')).rejects.toMatchObject({ code: 'channel.forbidden' });
    await expect(chat.history(channel, 'mallory')).rejects.toMatchObject({ code: 'channel.forbidden' });
    await expect(chat.missed(channel, 'mallory', 0)).rejects.toMatchObject({ code: 'channel.forbidden' });
    expect(await storedIn(channel)).toEqual([]);
  });

  it('refuses a body that is empty or too long, and one refused message costs the others nothing', async () => {
    const channel = newChannel();
    const outcomes = await Promise.allSettled([
      say(channel, 'first'),
      say(channel, '   '),
      say(channel, 'x'.repeat(messageLimits.bodyCharacters + 1)),
      chat.send({
        channel,
        sender_id: 'ada',
        client_message_id: 'c-hash',
        body: 'see file',
        attachments: [
          {
            attachment_id: 'a',
            file_name: 'f',
            content_type: 'text/plain',
            size_bytes: 1,
            sha256: 'no hash',
          },
        ],
      }),
      say(channel, 'second'),
    ]);
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'stored')),
    ).toEqual(['stored', 'message.empty', 'message.too-long', 'message.invalid', 'stored']);
    expect((await storedIn(channel)).map(({ seq, body }) => [seq, body])).toEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
  });

  it('gathers replies under the first message of a thread, within one channel only', async () => {
    const channel = newChannel();
    const root = (await say(channel, 'Who checks span 4?')).message;
    const reply = (parent_id: string, target = channel) =>
      chat.send({ channel: target, sender_id: 'ben', client_message_id: randomUUID(), body: 'I', parent_id });
    const first = (await reply(root._id.toHexString())).message;
    const second = (await reply(first._id.toHexString())).message;
    expect([first.parent_id, second.parent_id]).toEqual([root._id, root._id]);
    await expect(reply(root._id.toHexString(), newChannel())).rejects.toMatchObject({
      code: 'message.unknown',
    });
    await expect(reply('nonsense')).rejects.toMatchObject({ code: 'message.unknown' });
  });
});

describe('history', () => {
  it('reads before, after and around a place, and the latest by default', async () => {
    const channel = newChannel();
    for (let count = 1; count <= 12; count += 1) await say(channel, `${count}`);
    const seqs = async (window: Parameters<ChatService['history']>[2]) => {
      const { messages, has_older, has_newer } = await chat.history(channel, 'rita', window);
      return [messages.map(({ seq }) => seq), has_older, has_newer];
    };
    expect(await seqs({ limit: 3 })).toEqual([[10, 11, 12], true, false]);
    expect(await seqs({ before: 4, limit: 10 })).toEqual([[1, 2, 3], false, true]);
    expect(await seqs({ after: 4, limit: 2 })).toEqual([[5, 6], true, true]);
    expect(await seqs({ around: 6, limit: 5 })).toEqual([[4, 5, 6, 7, 8], true, true]);
    expect(await seqs({ after: 12 })).toEqual([[], true, false]);
    await expect(seqs({ before: 1, after: 2 })).rejects.toMatchObject({ code: 'history.window' });
  });

  it('gives exactly what came after a message, in order', async () => {
    const channel = newChannel();
    for (let count = 1; count <= 5; count += 1) await say(channel, `${count}`);
    const { messages, latest_seq, has_more } = await chat.missed(channel, 'ben', 2);
    expect(messages.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect([latest_seq, has_more]).toEqual([5, false]);
    expect(await chat.missed(channel, 'ben', 5)).toMatchObject({
      messages: [],
      latest_seq: 5,
      has_more: false,
      reset: false,
    });
  });
});

describe('changing a message', () => {
  const idOf = async (channel: string, body = 'draft') =>
    (await say(channel, body)).message._id.toHexString();

  it('keeps the bodies before an edit, in order, whoever edits at the same time', async () => {
    const message_id = await idOf(newChannel());
    await Promise.all(['one', 'two', 'three'].map((body) => chat.edit({ message_id, user_id: 'ada', body })));
    const { message } = await chat.edit({ message_id, user_id: 'ada', body: 'hello @ben' });
    expect(message).toMatchObject({ body: 'hello @ben', revision: 4, mentions: ['ben'] });
    expect(message.edits?.map(({ body }) => body).toSorted()).toEqual(['draft', 'one', 'three', 'two']);
    expect(message.edits?.[0]?.body).toBe('draft');
  });

  it('lets only its sender edit, and only its sender and the owner delete', async () => {
    const message_id = await idOf(newChannel());
    const forbidden = { code: 'message.forbidden' };
    await expect(chat.edit({ message_id, user_id: 'ben', body: 'mine now' })).rejects.toMatchObject(
      forbidden,
    );
    await expect(chat.delete({ message_id, user_id: 'ben' })).rejects.toMatchObject(forbidden);
    await expect(chat.delete({ message_id, user_id: 'mallory' })).rejects.toMatchObject({
      code: 'message.unknown',
    });
    expect((await chat.delete({ message_id, user_id: 'olga' })).changed).toBe(true);
  });

  it('leaves a tombstone that keeps its place and says nothing', async () => {
    const channel = newChannel();
    const message_id = await idOf(channel, 'secret for @ben');
    await chat.edit({ message_id, user_id: 'ada', body: 'still secret' });
    await chat.delete({ message_id, user_id: 'ada' });
    expect((await chat.delete({ message_id, user_id: 'ada' })).changed).toBe(false);
    const [tombstone] = await storedIn(channel);
    expect(tombstone).toMatchObject({ seq: 1, body: '', deleted_by: 'ada' });
    expect(JSON.stringify(tombstone)).not.toContain('secret');
    await expect(chat.edit({ message_id, user_id: 'ada', body: 'back' })).rejects.toMatchObject({
      code: 'message.deleted',
    });
    expect((await say(channel, 'next')).message.seq).toBe(2);
  });

  it('counts each reaction of a user once, and takes it back', async () => {
    const message_id = await idOf(newChannel());
    const react = (user_id: string, on: boolean) => chat.react({ message_id, user_id, emoji: '👍', on });
    const first = await Promise.all([react('ben', true), react('ben', true), react('olga', true)]);
    expect(first.filter(({ changed }) => changed)).toHaveLength(2);
    const { message, changed } = await react('ben', false);
    expect(changed).toBe(true);
    expect(message.reactions?.map(({ user_id }) => user_id)).toEqual(['olga']);
    expect((await react('ben', false)).changed).toBe(false);
  });
});

describe('read positions', () => {
  it('only move forward, whatever the order in which devices report', async () => {
    const channel = newChannel();
    for (let count = 1; count <= 6; count += 1) await say(channel, `${count}`);
    // Many members, because a member's first reports race each other to create the position.
    const members = Array.from({ length: 30 }, (_, member) => `member-${member}`);
    for (const user_id of members) {
      await Promise.all([2, 5, 1, 4].map((seq) => chat.markRead({ channel, user_id, seq })));
      expect(await chat.position(channel, user_id)).toEqual({
        delivered_seq: 5,
        read_seq: 5,
        unread_count: 1,
      });
    }
    const user_id = 'member-0';
    expect(await chat.markDelivered({ channel, user_id, seq: 6 })).toEqual({
      delivered_seq: 6,
      read_seq: 5,
      changed: true,
    });
    expect((await chat.markRead({ channel, user_id, seq: 3 })).changed).toBe(false);
  });

  it('cannot lie beyond the latest message', async () => {
    const channel = newChannel();
    await say(channel, 'only one');
    await expect(chat.markRead({ channel, user_id: 'ben', seq: 2 })).rejects.toMatchObject({
      code: 'channel.seq',
    });
    expect((await chat.position(channel, 'ben')).read_seq).toBe(0);
  });
});
