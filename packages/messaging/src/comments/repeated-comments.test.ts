import { beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { accessForAllMembers, type NotificationRequest } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { CommentService, CommentThread } from '../index.js';

const database = useModels(CommentThread);
const told = new Map<string, NotificationRequest>();
let comments: CommentService;
const open = () =>
  new CommentService({
    models: database.models,
    access: accessForAllMembers,
    notifier: {
      send: async (request) => {
        told.set(request.idempotency_key!, request);
        return { notification_id: 'n' };
      },
      retract: async () => undefined,
    },
  });
beforeAll(() => {
  comments = open();
});

const newEntity = () => ({ entity_type: 'work_orders', entity_id: randomUUID() });
const ada = { author_id: 'ada', body: 'Which mix?', client_comment_id: 'c-1' };
const refused = { code: 'comment.key-reused', status: 409 };

it('a thread is opened once under a key, however often and from wherever; another comment is refused', async () => {
  const entity = newEntity();
  const opened = await Promise.all(
    Array.from({ length: 10 }, (_, turn) => (turn % 2 ? comments : open()).start(entity, ada)),
  );
  expect(new Set(opened.map(({ comment }) => comment.comment_id)).size).toBe(1);
  expect((await comments.list(entity, { limit: 10 })).items).toHaveLength(1);
  await expect(comments.start(entity, { ...ada, body: 'Which?' })).rejects.toMatchObject(refused);
  await comments.start(entity, { ...ada, author_id: 'ben' });
  await comments.start(newEntity(), ada);
  expect((await comments.list(entity, { limit: 10 })).items).toHaveLength(2);
});

it('an answer is written once under a key, also once it was edited or deleted', async () => {
  const entity = newEntity();
  const { thread } = await comments.start(entity, { author_id: 'ada', body: 'Which mix?' });
  const reference = { ...entity, thread_id: thread._id.toHexString() };
  const answer = { author_id: 'ben', body: 'B 30', client_comment_id: 'c-1' };
  const { comment } = await comments.reply(reference, answer);
  const which = { ...reference, comment_id: comment.comment_id };
  const again = async () => (await comments.reply(reference, answer)).comment.comment_id;
  expect(await again()).toBe(comment.comment_id);
  await expect(comments.reply(reference, { ...answer, body: 'B 25' })).rejects.toMatchObject(refused);
  await comments.edit(which, { user_id: 'ben', body: 'B 25' });
  expect(await again()).toBe(comment.comment_id);
  await comments.delete(which, { user_id: 'ben' });
  expect(await again()).toBe(comment.comment_id);
  expect((await comments.find(reference)).comments).toHaveLength(2);
});

it('sixty people answer at once, from several processes, and none is refused', async () => {
  const entity = newEntity();
  const { thread } = await comments.start(entity, { author_id: 'ada', body: 'Who comes?' });
  const reference = { ...entity, thread_id: thread._id.toHexString() };
  const processes = [comments, open(), open()];
  told.clear();
  await Promise.all(
    Array.from({ length: 60 }, (_, turn) =>
      processes[turn % 3]!.reply(reference, { author_id: `user-${turn}`, body: `${turn}` }),
    ),
  );
  const found = await comments.find(reference);
  expect(found.comment_count).toBe(61);
  expect(told.size).toBe(60);
  expect(found.announcing_since).toBeUndefined();
}, 60_000);

it.each([
  ['half an emoji', 'x\ud83d', 'text.invalid'],
  ['a NUL', '@ben\0', 'text.invalid'],
  ['nothing that shows', '\u200b\u2060\n', 'comment.empty'],
  ['8,001 emoji', '👍'.repeat(8_001), 'comment.too-long'],
])('%s is no comment', async (_what, body, code) => {
  await expect(comments.start(newEntity(), { author_id: 'ada', body })).rejects.toMatchObject({ code });
});

it('an announcement holds the comment in whole characters', async () => {
  const family = '👨‍👩‍👧‍👦';
  told.clear();
  await comments.start(newEntity(), { author_id: 'ada', body: `@ben ${'x'.repeat(194)}${family} and more` });
  const [excerpt] = [...told.values()].map(({ data }) => data['excerpt']);
  expect(excerpt).toBe(`@ben ${'x'.repeat(194)}…`);
});
