import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { NotificationRequest } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';

const database = useModels(ChatMessage, ChatReadState);
/** What a notifier keeps: each key once, until it is retracted. */
const notified = new Map<string, NotificationRequest>();
const errors: unknown[] = [];
let isDown = false;
let chat: ChatService;
beforeAll(() => {
  chat = new ChatService({
    models: database.models,
    membership: { roleOf: async (_channel, userId) => (userId === 'mallory' ? undefined : 'member') },
    notifier: {
      send: async (request) => {
        if (isDown) throw new Error('no notifier');
        const key = request.idempotency_key ?? '';
        if (!notified.has(key)) notified.set(key, request);
        return { notification_id: key };
      },
      retract: async (key) => void notified.delete(key),
    },
    onError: (error) => errors.push(error),
  });
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
