import { accessForAllMembers } from '@infratraq/kernel';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { useModels } from '@infratraq/testing';
import { CommentService, CommentThread } from '../index.js';
import { threadLimits } from '../collections/message-limits.js';

const database = useModels(CommentThread);
let comments: CommentService;
beforeAll(() => {
  comments = new CommentService({ models: database.models, access: accessForAllMembers });
});

const newEntity = () => ({ entity_type: 'work_orders', entity_id: randomUUID() });

async function startThread(body = 'Which mix do we use?') {
  const entity = newEntity();
  const { thread, comment } = await comments.start(entity, { author_id: 'ada', body });
  return { entity, reference: { ...entity, thread_id: thread._id.toHexString() }, comment };
}

describe('comments on an entity', () => {
  it('nest answers to any depth, and keep every one that comes at the same time', async () => {
    const { reference, comment } = await startThread();
    const answer = (parent_id: string, author_id: string) =>
      comments.reply(reference, { author_id, body: `from ${author_id}`, parent_id });
    const answers = await Promise.all(
      ['ben', 'cleo', 'dora', 'emil'].map((who) => answer(comment.comment_id, who)),
    );
    const deepest = await answer(answers[0]?.comment.comment_id ?? '', 'ada');
    const thread = await comments.find(reference);
    expect(thread.comments).toHaveLength(6);
    expect(thread.comment_count).toBe(6);
    expect(thread.comments.at(-1)).toEqual(deepest.comment);
    expect(
      thread.comments
        .slice(1, 5)
        .map(({ author_id }) => author_id)
        .toSorted(),
    ).toEqual(['ben', 'cleo', 'dora', 'emil']);
  });

  it('list the threads of their entity only, newest first', async () => {
    const { entity } = await startThread('first');
    await startThread('elsewhere');
    await comments.start(entity, { author_id: 'ben', body: 'second' });
    const { items } = await comments.list(entity, { limit: 10 });
    expect(items.map((thread) => thread.comments[0]?.body)).toEqual(['second', 'first']);
  });

  it('make their authors and those they mention followers, each once', async () => {
    const { reference } = await startThread('What do you think, @ben?');
    const { thread } = await comments.reply(reference, { author_id: 'ben', body: '@ada fine, @cleo too?' });
    expect(thread.subscriptions.map(({ user_id, reason }) => [user_id, reason])).toEqual([
      ['ada', 'author'],
      ['ben', 'mentioned'],
      ['cleo', 'mentioned'],
    ]);
  });

  it('can be edited by their author, who leaves the text before in the history', async () => {
    const { reference, comment } = await startThread('drfat');
    const which = { ...reference, comment_id: comment.comment_id };
    const { comment: edited } = await comments.edit(which, { user_id: 'ada', body: 'draft' });
    expect(edited).toMatchObject({ body: 'draft', edits: [{ body: 'drfat', edited_by: 'ada' }] });
    await expect(comments.edit(which, { user_id: 'ben', body: 'mine' })).rejects.toMatchObject({
      code: 'comment.forbidden',
    });
  });

  it('leave their place when they are deleted, and nothing of what they said', async () => {
    const { reference, comment } = await startThread('secret');
    const which = { ...reference, comment_id: comment.comment_id };
    await comments.edit(which, { user_id: 'ada', body: 'still secret' });
    await comments.reply(reference, { author_id: 'ben', body: 'why?', parent_id: comment.comment_id });
    await expect(comments.delete(which, { user_id: 'ben' })).rejects.toMatchObject({
      code: 'comment.forbidden',
    });
    const { thread } = await comments.delete(which, { user_id: 'ada' });
    expect(thread).toMatchObject({ comment_count: 1, content_bytes: 4 });
    expect(JSON.stringify(thread)).not.toContain('secret');
    expect(thread.comments[1]?.parent_id).toBe(comment.comment_id);
  });

  it('are resolved and reopened, by hand or by a new answer', async () => {
    const { reference } = await startThread();
    expect(await comments.setState(reference, 'resolved', 'ben')).toMatchObject({
      state: 'resolved',
      resolved_by: 'ben',
    });
    await comments.setState(reference, 'resolved', 'cleo');
    const { thread } = await comments.reply(reference, { author_id: 'ada', body: 'Not so fast' });
    expect(thread.state).toBe('open');
    expect(thread.resolved_at).toBeUndefined();
    expect(thread.transitions?.map(({ to, by }) => [to, by])).toEqual([
      ['resolved', 'ben'],
      ['open', 'ada'],
    ]);
  });

  it('are refused where thread, parent or entity is not theirs, and when empty or too long', async () => {
    const { reference } = await startThread();
    const reply = (change: object, input: object = {}) =>
      comments.reply({ ...reference, ...change }, { author_id: 'ben', body: 'hello', ...input });
    await expect(reply({ entity_id: 'another' })).rejects.toMatchObject({ code: 'thread.unknown' });
    await expect(reply({ thread_id: 'nonsense' })).rejects.toMatchObject({ code: 'thread.unknown' });
    await expect(reply({}, { parent_id: 'nobody' })).rejects.toMatchObject({ code: 'comment.unknown' });
    const long = 'x'.repeat(threadLimits.bodyCharacters + 1);
    await expect(reply({}, { body: long })).rejects.toMatchObject({ code: 'comment.too-long' });
    await expect(comments.start(newEntity(), { author_id: 'ben', body: ' ' })).rejects.toMatchObject({
      code: 'comment.empty',
    });
    expect((await comments.find(reference)).comments).toHaveLength(1);
  });
});
