import { beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { trusted } from '@infratraq/mongo';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService } from '../../index.js';

const database = useModels(ChatMessage, ChatReadState);
const historyFrom = new Map<string, Date>();
let chat: ChatService;
const channel = `project:${randomUUID()}`;
const bodies = [
  'Span 4 is closed',
  'Is span 14 open? 100% sure',
  'The SPAN of pier 4 (closed)',
  'closed: gate',
  'span 4 again',
];

beforeAll(async () => {
  chat = new ChatService({
    models: database.models,
    membership: {
      roleOf: async (_channel, userId) => (userId === 'mallory' ? undefined : 'member'),
      historyFrom: async (_channel, userId) => historyFrom.get(userId),
    },
  });
  for (const body of bodies) await chat.send({ channel, sender_id: 'ada', client_message_id: body, body });
});

const find = async (text: string, window: { before?: number; limit?: number } = {}, user = 'ben') => {
  const { messages, next_before } = await chat.search(channel, user, { text, ...window });
  return { seqs: messages.map(({ seq }) => seq), next_before };
};

it('finds messages that contain every word in any letter case, the newest first', async () => {
  expect((await find('SPAN closed')).seqs).toEqual([3, 1]);
  expect((await find('"span 4"')).seqs).toEqual([5, 1]);
  expect((await find('bridge')).seqs).toEqual([]);
});

it('takes what is typed literally', async () => {
  expect((await find('100%')).seqs).toEqual([2]);
  expect((await find('(closed)')).seqs).toEqual([3]);
  expect((await find('.*')).seqs).toEqual([]);
  await expect(find(' ')).rejects.toMatchObject({ code: 'search.text' });
  await expect(find('x '.repeat(11))).rejects.toMatchObject({ code: 'search.text' });
});

it('goes on page by page to the beginning', async () => {
  const first = await find('span', { limit: 2 });
  expect(first).toEqual({ seqs: [5, 3], next_before: 3 });
  expect(await find('span', { limit: 3, before: 3 })).toEqual({ seqs: [2, 1], next_before: null });
});

it('finds nothing that was deleted, edited away, or is hidden from the member', async () => {
  const gone = await chat.send({ channel, sender_id: 'ada', client_message_id: 'x', body: 'secret crane' });
  const message_id = gone.message._id.toHexString();
  expect((await find('crane')).seqs).toEqual([6]);
  await chat.edit({ message_id, user_id: 'ada', body: 'secret hoist' });
  expect((await find('crane')).seqs).toEqual([]);
  await chat.delete({ message_id, user_id: 'ada' });
  expect((await find('hoist')).seqs).toEqual([]);
  await expect(chat.search(channel, 'mallory', { text: 'span' })).rejects.toMatchObject({
    code: 'channel.forbidden',
  });
  const created_at = new Date(Date.now() - 86_400_000);
  const seq = trusted({ $lt: 5 });
  await database.models.of(ChatMessage).updateMany({ channel, seq }, { $set: { created_at } });
  historyFrom.set('newcomer', new Date(Date.now() - 3_600_000));
  expect((await find('span', {}, 'newcomer')).seqs).toEqual([5]);
});
