import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Message } from '@infratraq/chat-wire';
import { ChatMessage, cutHistory } from '@infratraq/messaging';
import { ChatClient } from './index.js';
import { bodies, connection, newChannel, reaches, useChatServer } from './testing/use-chat-server.js';

const server = useChatServer();
const { join, store } = server;

describe('sending', () => {
  it('shows a message as pending at once, and sends what was written offline in order when connected', async () => {
    const channel = newChannel();
    const ben = await join('ben', channel);
    const ada = await join('ada', channel);
    await server.stop();
    await connection(ada, false);
    const sent = ['one', 'two', 'three'].map((body) => ada.send({ channel, body }));
    expect(ada.pending(channel).map(({ body }) => body)).toEqual(['one', 'two', 'three']);
    await server.start();
    expect((await Promise.all(sent)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(ada.pending(channel)).toEqual([]);
    await reaches(ben, channel, ({ length }) => length === 3);
    expect(bodies(ben, channel)).toEqual(['one', 'two', 'three']);
  });

  it('says what a message is about, under an id that nothing else has', async () => {
    const channel = newChannel();
    const ada = await join('ada', channel);
    const links = [{ entity_type: 'work_orders', entity_id: '7' }];
    const first = await ada.send({ channel, body: 'about the pump', links });
    const second = await ada.send({ channel, body: 'about nothing' });
    expect(first.links).toEqual(links);
    expect(second.links).toEqual([]);
    expect(first.client_message_id).toMatch(/^[0-9a-f]{32}$/);
    expect(second.client_message_id).not.toBe(first.client_message_id);
  });

  it('has a message stored and shown once when its acknowledgement is lost', async () => {
    const channel = newChannel();
    const ada = await join('ada', channel, { answerMilliseconds: 100 });
    server.swallowAnswers(2);
    await ada.send({ channel, body: 'once' });
    expect(server.swallowedAnswers).toBe(0);
    // The join may have been unanswered in so short a time, too.
    await reaches(ada, channel, ({ length }) => length > 0);
    expect(bodies(ada, channel)).toEqual(['once']);
    expect((await server.chat.history(channel, 'ada')).latest_seq).toBe(1);
  });

  it('waits as long as the server asks when it sends too fast, and loses nothing', async () => {
    const channel = newChannel();
    const ada = await join(`fast-${randomUUID()}`, channel);
    const texts = Array.from({ length: 60 }, (_, turn) => `${turn}`);
    await Promise.all(texts.map((body) => ada.send({ channel, body })));
    expect(bodies(ada, channel)).toEqual(texts);
  });

  it('gives a message back that the server refuses for good, and goes on with the next', async () => {
    const channel = newChannel();
    const ada = await join('ada', channel);
    const refused: string[] = [];
    ada.on('message:refused', ({ message, error }) => refused.push(`${message.body}: ${error.message}`));
    const outcomes = await Promise.allSettled([
      ada.send({ channel, body: ' ' }),
      ada.send({ channel, body: 'fine' }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'message.empty' } },
      { status: 'fulfilled', value: { seq: 1 } },
    ]);
    expect(refused).toEqual([' : Write something, or attach a file']);
  });

  it('refuses what still waits when it is closed', async () => {
    const ada = new ChatClient('http://127.0.0.1:1', { token: 'ada' });
    const sent = ada.send({ channel: newChannel(), body: 'never' });
    ada.close();
    await expect(sent).rejects.toMatchObject({ code: 'client.closed' });
  });
});

describe('receiving', () => {
  it('fills a gap before it shows what comes after it', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    const shown: number[] = [];
    ben.on('message:created', ({ seq }) => shown.push(seq));
    // Stored by a process that died before it could announce them.
    await store(channel, 'one');
    await store(channel, 'two');
    await ada.send({ channel, body: 'three' });
    await reaches(ben, channel, ({ length }) => length === 3);
    expect(shown).toEqual([1, 2, 3]);
  });

  it('fetches what was said and changed while it was away', async () => {
    const channel = newChannel();
    const first = await store(channel, 'one');
    const second = await store(channel, 'two');
    const ben = await join('ben', channel);
    expect(bodies(ben, channel)).toEqual(['one', 'two']);
    await server.stop();
    await connection(ben, false);
    const id = (message: { _id: { toHexString(): string } }) => message._id.toHexString();
    await server.chat.edit({ message_id: id(first), user_id: 'store', body: 'ONE' });
    await server.chat.delete({ message_id: id(second), user_id: 'store' });
    await store(channel, 'three');
    await server.start();
    await reaches(ben, channel, (messages) => messages.length === 3);
    expect(bodies(ben, channel)).toEqual(['ONE', '', 'three']);
  });

  it('loads a channel anew whose history was cut', async () => {
    const channel = newChannel();
    for (const body of ['one', 'two', 'three']) await store(channel, body);
    const ben = await join('ben', channel);
    const third = ben.messages(channel)[2] as Message;
    const created_at = new Date(Date.now() - 60_000);
    for (const seq of [1, 2])
      await server.models.of(ChatMessage).updateOne({ channel, seq }, { $set: { created_at } });
    await cutHistory(server.models, { channel, before: new Date(third.created_at) });
    const reloaded = new Promise((resolve) => ben.on('channel:reloaded', resolve));
    server.gateway.resync(channel);
    expect(await reloaded).toEqual({ channel });
    await reaches(ben, channel, ({ length }) => length === 1);
    expect(ben.messages(channel).map(({ seq }) => seq)).toEqual([3]);
  });

  it('begins with the latest messages of a long channel', async () => {
    const channel = newChannel();
    for (let turn = 1; turn <= 8; turn += 1) await store(channel, `${turn}`);
    const ben = await join('ben', channel, { initialMessages: 3 });
    expect(bodies(ben, channel)).toEqual(['6', '7', '8']);
  });

  it('keeps reactions, edits, pins and deletions of others up to date', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    const { message_id } = await ada.send({ channel, body: 'draft' });
    await reaches(ben, channel, ({ length }) => length === 1);
    await ada.edit(message_id, 'final');
    await ada.react(message_id, '👍', true);
    await ada.pin(message_id, true);
    await reaches(ben, channel, ([message]) => message?.pinned_at !== undefined);
    expect(ben.messages(channel)[0]).toMatchObject({
      body: 'final',
      reactions: [{ emoji: '👍', user_ids: ['ada'] }],
      revision: 3,
    });
    await ada.delete(message_id);
    await reaches(ben, channel, ([message]) => message?.deleted_at !== undefined);
    expect(ben.messages(channel)[0]).toMatchObject({ body: '', reactions: [] });
  });

  it('is told when it is put out of a channel, and refused one that it may not join', async () => {
    const channel = newChannel();
    const ben = await join('ben', channel);
    const removed = new Promise((resolve) => ben.on('channel:removed', resolve));
    server.gateway.expel(channel, 'ben');
    expect(await removed).toEqual({ channel });
    expect(ben.messages(channel)).toEqual([]);
    await expect(ben.join('closed:1')).rejects.toMatchObject({ code: 'channel.forbidden' });
  });

  it('tells who is there, who types, and what was read', async () => {
    const channel = newChannel();
    const [ada, ben] = [await join('ada', channel), await join('ben', channel)];
    await ada.send({ channel, body: 'hello' });
    const typing = new Promise((resolve) => ada.on('typing', resolve));
    const read = new Promise((resolve) => ada.on('read:changed', resolve));
    await ben.type(channel, true);
    await ben.markRead(channel, 1);
    expect(await typing).toEqual({ channel, user_id: 'ben', on: true });
    expect(await read).toMatchObject({ user_id: 'ben', read_seq: 1 });
    expect(await ada.listPresent(channel)).toEqual([
      { user_id: 'ada', devices: 1 },
      { user_id: 'ben', devices: 1 },
    ]);
  });
});
