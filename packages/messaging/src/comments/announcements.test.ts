import { accessForAllMembers } from '@infratraq/kernel';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '@infratraq/engines';
import type { NotificationRequest, Notifier } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { CommentService, CommentThread } from '../index.js';
import type { ThreadReference } from './store-thread.js';

/** Keeps what it was asked for as a notifier would: a key sends once, and is gone once it is taken back. */
class RecordingNotifier implements Notifier {
  readonly sent = new Map<string, NotificationRequest>();
  readonly attempts: string[] = [];
  isAway = false;
  beforeSend: (() => Promise<unknown>) | undefined;

  async send(request: NotificationRequest) {
    const key = request.idempotency_key ?? '';
    this.attempts.push(key);
    if (this.isAway) throw new Error('away');
    await this.beforeSend?.();
    if (!this.sent.has(key)) this.sent.set(key, request);
    return { notification_id: key };
  }

  async retract(key: string) {
    if (this.isAway) throw new Error('away');
    this.sent.delete(key);
  }

  told() {
    return [...this.sent.values()].map(({ type, to }) => [type, to.users]);
  }
}

const database = useModels(CommentThread);
let notifier: RecordingNotifier;
let comments: CommentService;
let errors: unknown[];
let laterBy = 0;
const minute = 60_001;

function open(): CommentService {
  return new CommentService({
    access: accessForAllMembers,
    models: database.models,
    notifier,
    onError: (error) => errors.push(error),
    now: () => new Date(Date.now() + laterBy),
  });
}

beforeEach(async () => {
  await database.models.of(CommentThread).deleteMany({});
  [notifier, errors, laterBy] = [new RecordingNotifier(), [], 0];
  comments = open();
});

async function startThread(body = 'Which mix do we use?') {
  const entity = { entity_type: 'work_orders', entity_id: randomUUID() };
  const { thread, comment } = await comments.start(entity, { author_id: 'ada', body });
  const reference: ThreadReference = { ...entity, thread_id: thread._id.toHexString() };
  return {
    reference,
    comment_id: comment.comment_id,
    which: { ...reference, comment_id: comment.comment_id },
  };
}

describe('what is told of comments', () => {
  it('goes to followers but not to the author, to those mentioned as a mention, in one inbox item per thread', async () => {
    const { reference, comment_id } = await startThread('What do you think, @ben?');
    const { comment } = await comments.reply(reference, { author_id: 'cleo', body: 'B 30,\n@ben' });
    expect([...notifier.sent.values()]).toEqual([
      {
        to: { users: ['ben'], except: ['ada'] },
        type: 'comment.mentioned',
        data: {
          ...reference,
          comment_id,
          author_id: 'ada',
          excerpt: 'What do you think, @ben?',
        },
        entity: { entity_type: reference.entity_type, entity_id: reference.entity_id },
        idempotency_key: `comment:${comment_id}:mentioned`,
        collapse_key: `thread:${reference.thread_id}`,
      },
      expect.objectContaining({
        to: { users: ['ada'], except: ['cleo'] },
        type: 'comment.added',
        idempotency_key: `comment:${comment.comment_id}`,
        collapse_key: `thread:${reference.thread_id}`,
      }),
      expect.objectContaining({ to: { users: ['ben'], except: ['cleo'] }, type: 'comment.mentioned' }),
    ]);
    expect(errors).toEqual([]);
    expect((await comments.find(reference)).announcing_since).toBeUndefined();
  });

  it('reaches nobody who muted the thread, mentioned or not, until they follow it again', async () => {
    const { reference } = await startThread();
    await comments.reply(reference, { author_id: 'ben', body: 'B 30' });
    await comments.follow(reference, 'ada', false);
    await comments.follow(reference, 'emil', false);
    notifier.sent.clear();
    await comments.reply(reference, { author_id: 'ben', body: '@ada and @emil, agreed?' });
    await comments.reply(reference, { author_id: 'ada', body: 'Yes' });
    expect(notifier.told()).toEqual([['comment.added', ['ben']]]);
    await comments.follow(reference, 'ada', true);
    await comments.reply(reference, { author_id: 'ben', body: 'Good' });
    expect(notifier.told().at(-1)).toEqual(['comment.added', ['ada']]);
  });

  it('reaches those whom an edit mentions first, each once', async () => {
    const { which } = await startThread('What do you think, @ben?');
    await comments.edit(which, { user_id: 'ada', body: 'What do you think, @ben and @cleo?' });
    await comments.edit(which, { user_id: 'ada', body: 'What do you think, @cleo?' });
    expect(notifier.told()).toEqual([
      ['comment.mentioned', ['ben']],
      ['comment.mentioned', ['cleo']],
    ]);
  });

  it('is taken back with the comment, and with it alone', async () => {
    const { reference, which } = await startThread('Look, @ben');
    await comments.edit(which, { user_id: 'ada', body: 'Look, @cleo' });
    const { comment } = await comments.reply(reference, { author_id: 'ben', body: 'Seen' });
    await comments.delete(which, { user_id: 'ada' });
    expect([...notifier.sent.keys()]).toEqual([`comment:${comment.comment_id}`]);
    expect((await comments.find(reference)).announcing_since).toBeUndefined();
  });

  it('is told later, once, when the notifier was away; the comment was stored all the same', async () => {
    notifier.isAway = true;
    const { reference, which } = await startThread('Look, @ben');
    expect(errors.length).toBeGreaterThan(0);
    expect((await comments.find(reference)).comment_count).toBe(1);
    expect(await comments.announcePending()).toBe(0);
    notifier.isAway = false;
    laterBy = minute;
    expect(await Promise.all([open().announcePending(), open().announcePending()])).toContain(1);
    expect(notifier.told()).toEqual([['comment.mentioned', ['ben']]]);
    laterBy += minute;
    expect(await open().announcePending()).toBe(0);

    notifier.isAway = true;
    await comments.delete(which, { user_id: 'ada' });
    expect(notifier.sent.size).toBe(1);
    notifier.isAway = false;
    laterBy += minute;
    await open().announcePending();
    expect(notifier.sent.size).toBe(0);
  });

  it('survives the end of a process between comment and notification', async () => {
    const never = new Promise<never>(() => undefined);
    notifier.beforeSend = () => never;
    const entity = { entity_type: 'work_orders', entity_id: randomUUID() };
    // The process that writes this never hears from the notifier again.
    void comments.start(entity, { author_id: 'ada', body: 'Look, @ben' });
    await eventually(() => notifier.attempts.length > 0, Boolean);
    notifier.beforeSend = undefined;
    laterBy = minute;
    expect(await open().announcePending()).toBe(1);
    expect(notifier.told()).toEqual([['comment.mentioned', ['ben']]]);
  });

  it('is taken back also when the comment is deleted while it is being told', async () => {
    let deleted: Promise<unknown> | undefined;
    notifier.beforeSend = async () => {
      const [thread] = await database.models.of(CommentThread).find({}).lean();
      const { entity_type, entity_id, _id } = thread!;
      const { comment_id } = thread!.comments[0]!;
      deleted ??= comments.delete(
        { entity_type, entity_id, thread_id: _id.toHexString(), comment_id },
        { user_id: 'ada' },
      );
      await deleted;
    };
    await startThread('Look, @ben');
    await deleted;
    expect(notifier.attempts).toHaveLength(1);
    expect(notifier.sent.size).toBe(0);
    laterBy = minute;
    await open().announcePending();
    expect(await database.models.of(CommentThread).countDocuments({ announcing_since: null })).toBe(1);
  });

  it('is nothing where there is no notifier, nor once there is one', async () => {
    const silent = new CommentService({ models: database.models, access: accessForAllMembers });
    const entity = { entity_type: 'work_orders', entity_id: randomUUID() };
    const { thread, comment } = await silent.start(entity, { author_id: 'ada', body: 'Look, @ben' });
    laterBy = minute;
    await comments.announcePending();
    const which = { ...entity, thread_id: thread._id.toHexString(), comment_id: comment.comment_id };
    await comments.edit(which, { user_id: 'ada', body: 'Look, @cleo' });
    expect(notifier.attempts).toEqual([]);
  });
});
