import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ConflictError, type NotificationRequest } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';

const database = useModels(ChatMessage, ChatReadState);
/** What a notifier keeps: each key once, until it is retracted. */
const notified = new Map<string, NotificationRequest>();
const errors: unknown[] = [];
let isDown = false;
let isRefusing = false;
let laterBy = 0;
let chat: ChatService;
const open = () =>
  new ChatService({
    models: database.models,
    membership: { roleOf: async (_channel, userId) => (userId === 'mallory' ? undefined : 'member') },
    now: () => new Date(Date.now() + laterBy),
    notifier: {
      send: async (request) => {
        if (isDown) throw new Error('no notifier');
        if (isRefusing) throw new ConflictError('Used for something else', 'notification.key-reused');
        const key = request.idempotency_key ?? '';
        if (!notified.has(key)) notified.set(key, request);
        return { notification_id: key };
      },
      retract: async (key) => {
        if (isDown) throw new Error('no notifier');
        notified.delete(key);
      },
    },
    onError: (error) => errors.push(error),
  });
beforeAll(() => {
  chat = open();
});
beforeEach(() => notified.clear());

const send = (body: string, client_message_id: string = randomUUID()) =>
  chat.send({ channel: 'project:1', sender_id: 'ada', client_message_id, body });
const told = () => [...notified.values()].map(({ to }) => to.users);

it('tells members whom a message mentions, once, and neither its sender nor outsiders', async () => {
  const { message } = await send('@ben and @ada, ask @mallory or @cyd', 'again');
  await send('@ben and @ada, ask @mallory or @cyd', 'again');
  await send('nobody in particular');
  expect([...notified]).toEqual([
    [
      `chat-message:${message._id.toHexString()}`,
      {
        to: { users: ['ben', 'cyd'] },
        type: 'chat.mentioned',
        data: {
          channel: 'project:1',
          seq: message.seq,
          sender_id: 'ada',
          message_id: message._id.toHexString(),
          excerpt: '@ben and @ada, ask @mallory or @cyd',
        },
        entity: { entity_type: 'channels', entity_id: 'project:1' },
        idempotency_key: `chat-message:${message._id.toHexString()}`,
      },
    ],
  ]);
});

it('tells whom an edit mentions for the first time, and takes everything back when the message is deleted', async () => {
  const message_id = (await send('see @ben')).message._id.toHexString();
  await chat.edit({ message_id, user_id: 'ada', body: 'see @ben or @cyd' });
  await chat.edit({ message_id, user_id: 'ada', body: 'see @ben, @cyd or @dot' });
  expect(told()).toEqual([['ben'], ['cyd'], ['dot']]);
  await chat.delete({ message_id, user_id: 'ada' });
  expect(told()).toEqual([]);
});

it('tells on a retry what the first try could not, and stores the message all the same', async () => {
  isDown = true;
  await send('help, @ben', 'while-down');
  isDown = false;
  expect(errors).toHaveLength(1);
  expect(told()).toEqual([]);
  const { created } = await send('help, @ben', 'while-down');
  expect([created, told()]).toEqual([false, [['ben']]]);
});

it('tells later, once and in one of several processes, what the notifier refused for a second', async () => {
  isDown = true;
  const { message } = await send('help, @ben');
  const changed = await chat.edit({
    message_id: message._id.toHexString(),
    user_id: 'ada',
    body: 'help, @ben or @cyd',
  });
  isDown = false;
  expect(told()).toEqual([]);
  expect(await chat.announcePending()).toBe(0);
  laterBy = 60_001;
  expect((await Promise.all([open().announcePending(), open().announcePending()])).sort()).toEqual([0, 1]);
  expect(told()).toEqual([['ben'], ['cyd']]);
  laterBy += 60_001;
  expect(await open().announcePending()).toBe(0);
  // Its clients see nothing of this.
  const [stored] = await database.models.of(ChatMessage).find({ _id: message._id }).lean();
  expect(stored?.revision).toBe(changed.message.revision);
});

it('takes back later what the notifier could not take back', async () => {
  const { message } = await send('help, @ben');
  isDown = true;
  await chat.delete({ message_id: message._id.toHexString(), user_id: 'ada' });
  isDown = false;
  expect(told()).toEqual([['ben']]);
  laterBy += 60_001;
  await open().announcePending();
  expect(told()).toEqual([]);
});

it('tells what it was told before no more, though the text was edited meanwhile', async () => {
  const { message } = await send('help, @ben');
  await database.models
    .of(ChatMessage)
    .updateOne(
      { _id: message._id },
      { $set: { announcing_since: new Date(0) }, $unset: { 'announcements.0.sent_at': 1 } },
    );
  isRefusing = true;
  expect(await open().announcePending()).toBe(1);
  isRefusing = false;
  expect(await open().announcePending()).toBe(0);
});

it.each([190, 197, 198, 199, 200, 201])(
  'tells of a message with an emoji at character %d in whole characters',
  async (place) => {
    const family = '👨‍👩‍👧‍👦';
    await send(`@ben ${'x'.repeat(place - 6)}${family}${'y'.repeat(50)}`);
    const [{ data }] = [...notified.values()] as [NotificationRequest];
    expect(String(data['excerpt']).replaceAll(family, '').replace('…', '')).toMatch(/^@ben x+y*$/);
  },
);
