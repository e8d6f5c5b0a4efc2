import { randomUUID } from 'node:crypto';
import {
  ConflictError,
  currentActor,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  type EntityReference,
} from '@infratraq/kernel';
import { trusted, type Models, type Page, type Stored } from '@infratraq/mongo';
import { Types, type UpdateQuery } from 'mongoose';
import { CommentThread, type ThreadState } from './comment-thread.js';
import { listThreadsOfEntity } from './comment-thread.queries.js';
import type { Comment } from './comment.js';
import { findMentions } from './find-mentions.js';
import { threadLimits } from './message-limits.js';
import { subscribeTo } from './subscribe-to-thread.js';

/** Names one thread of an entity; a thread is not found under any other entity. */
export interface ThreadReference extends EntityReference {
  readonly thread_id: string;
}

export interface CommentReference extends ThreadReference {
  readonly comment_id: string;
}

/** A thread after a change, and the comment that changed. */
export interface ChangedThread {
  readonly thread: Stored<CommentThread>;
  readonly comment: Comment;
}

const changeAttempts = 20;

/** Comments on any entity: threads with nested replies, edits with history, resolving and reopening. */
export class CommentService {
  readonly #models: Models;

  constructor({ models }: { models: Models }) {
    this.#models = models;
  }

  /** Threads about an entity, newest first, each with all its comments. */
  list(
    { entity_type, entity_id }: EntityReference,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Stored<CommentThread>>> {
    return this.#models.page(listThreadsOfEntity, { entity_type, entity_id }, page);
  }

  /**
   * Opens a thread with its first comment.
   * @throws InvalidInputError `comment.empty`, `comment.too-long`
   */
  async start(entity: EntityReference, input: { author_id: string; body: string }): Promise<ChangedThread> {
    const comment = draftComment(input);
    const { author_id, mentions = [], created_at, cause_id } = comment;
    const thread = await this.#models.of(CommentThread).create({
      entity_type: entity.entity_type,
      entity_id: entity.entity_id,
      state: 'open',
      comments: [comment],
      subscriptions: subscribeTo([], author_id, mentions, 'author', created_at),
      comment_count: 1,
      content_bytes: Buffer.byteLength(comment.body),
      revision: 0,
      created_by: author_id,
      created_at,
      last_comment_at: created_at,
      ...(cause_id && { cause_id }),
    });
    return { thread: thread.toObject(), comment };
  }

  /**
   * Adds a comment to a thread, as an answer to the whole or to one comment; a resolved thread opens again.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ConflictError `thread.full`
   */
  reply(
    reference: ThreadReference,
    input: { author_id: string; body: string; parent_id?: string | undefined },
  ): Promise<ChangedThread> {
    const comment = draftComment(input);
    const { author_id, created_at, mentions = [] } = comment;
    return this.#change(reference, (thread) => {
      if (input.parent_id !== undefined) findComment(thread, input.parent_id);
      if (thread.comments.length >= threadLimits.comments) throw fullThread();
      const reopens = thread.state === 'resolved';
      const update: UpdateQuery<CommentThread> = {
        $push: {
          comments: comment,
          ...(reopens && { transitions: { to: 'open', by: author_id, at: created_at } }),
        },
        $set: {
          last_comment_at: created_at,
          subscriptions: subscribeTo(thread.subscriptions, author_id, mentions, 'replied', created_at),
          ...(reopens && { state: 'open' }),
        },
        ...(reopens && { $unset: { resolved_at: 1, resolved_by: 1 } }),
        $inc: { comment_count: 1, content_bytes: Buffer.byteLength(comment.body) },
      };
      return { comment, update, addedBytes: Buffer.byteLength(comment.body) };
    });
  }

  /**
   * Replaces the text of one's own comment and keeps the one before.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`;
   * ConflictError `comment.deleted`, `comment.edits`, `thread.full`
   */
  edit(reference: CommentReference, input: { user_id: string; body: string }): Promise<ChangedThread> {
    assertCommentBody(input.body);
    return this.#change(reference, (thread) => {
      const { comment, place } = findComment(thread, reference.comment_id);
      if (comment.author_id !== input.user_id)
        throw new ForbiddenError('Only its author can edit a comment', 'comment.forbidden');
      if (comment.deleted_at) throw new ConflictError('This comment was deleted', 'comment.deleted');
      if ((comment.edits?.length ?? 0) >= threadLimits.editsPerComment)
        throw new ConflictError('This comment was edited too often; write a new one', 'comment.edits');
      const edited_at = new Date();
      const mentions = findMentions(input.body);
      const edits = [...(comment.edits ?? []), { body: comment.body, edited_by: input.user_id, edited_at }];
      const { mentions: _before, ...rest } = comment;
      const edited = {
        ...rest,
        body: input.body,
        edits,
        edited_at,
        ...(mentions.length > 0 && { mentions }),
      };
      const addedBytes = Buffer.byteLength(input.body);
      const subscriptions = subscribeTo(thread.subscriptions, undefined, mentions, 'mentioned', edited_at);
      return {
        comment: edited,
        update: {
          $set: { [`comments.${place}`]: edited, subscriptions },
          $inc: { content_bytes: addedBytes },
        },
        addedBytes,
      };
    });
  }

  /**
   * Deletes one's own comment; its place stays, so that answers to it keep their parent.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`
   */
  delete(reference: CommentReference, input: { user_id: string }): Promise<ChangedThread> {
    return this.#change(reference, (thread) => {
      const { comment, place } = findComment(thread, reference.comment_id);
      if (comment.author_id !== input.user_id)
        throw new ForbiddenError('Only its author can delete a comment', 'comment.forbidden');
      if (comment.deleted_at) return { comment };
      const { comment_id, parent_id, author_id, created_at, cause_id } = comment;
      const tombstone: Comment = {
        comment_id,
        ...(parent_id && { parent_id }),
        author_id,
        body: '',
        created_at,
        deleted_at: new Date(),
        deleted_by: input.user_id,
        ...(cause_id && { cause_id }),
      };
      const bytes = [comment, ...(comment.edits ?? [])].reduce(
        (sum, { body }) => sum + Buffer.byteLength(body),
        0,
      );
      const update = {
        $set: { [`comments.${place}`]: tombstone },
        $inc: { comment_count: -1, content_bytes: -bytes },
      };
      return { comment: tombstone, update };
    });
  }

  /**
   * Resolves or reopens a thread; a thread that is so already stays as it is.
   * @throws NotFoundError `thread.unknown`
   */
  async setState(
    reference: ThreadReference,
    to: ThreadState,
    userId: string,
  ): Promise<Stored<CommentThread>> {
    const at = new Date();
    const moved = await this.#models
      .of(CommentThread)
      .findOneAndUpdate(
        { ...filterOf(reference), state: trusted({ $ne: to }) },
        {
          $push: { transitions: { to, by: userId, at } },
          ...(to === 'resolved'
            ? { $set: { state: to, resolved_at: at, resolved_by: userId } }
            : { $set: { state: to }, $unset: { resolved_at: 1, resolved_by: 1 } }),
          $inc: { revision: 1 },
        },
        { returnDocument: 'after', runValidators: true },
      )
      .lean<Stored<CommentThread> | null>();
    return moved ?? this.find(reference);
  }

  /** @throws NotFoundError `thread.unknown` */
  async find(reference: ThreadReference): Promise<Stored<CommentThread>> {
    const thread = await this.#models
      .of(CommentThread)
      .findOne(filterOf(reference))
      .read('primary')
      .lean<Stored<CommentThread> | null>();
    if (!thread) throw unknownThread(reference.thread_id);
    return thread;
  }

  /** Reads, decides and writes; when somebody else wrote in between, decides anew on what they left. */
  async #change(
    reference: ThreadReference,
    decide: (thread: Stored<CommentThread>) => Change,
  ): Promise<ChangedThread> {
    for (let attempt = 1; attempt <= changeAttempts; attempt += 1) {
      const thread = await this.find(reference);
      const { comment, update, addedBytes = 0 } = decide(thread);
      if (!update) return { thread, comment };
      if (thread.content_bytes + addedBytes > threadLimits.contentBytes) throw fullThread();
      const changed = await this.#models
        .of(CommentThread)
        .findOneAndUpdate(
          { ...filterOf(reference), revision: thread.revision },
          { ...update, $inc: { ...update.$inc, revision: 1 } },
          { returnDocument: 'after', runValidators: true },
        )
        .lean<Stored<CommentThread> | null>();
      if (changed) return { thread: changed, comment };
    }
    throw new ConflictError('Others are writing in this thread; try again', 'thread.stale');
  }
}

interface Change {
  readonly comment: Comment;
  /** Absent when there is nothing to change. */
  readonly update?: UpdateQuery<CommentThread>;
  readonly addedBytes?: number;
}

function draftComment(input: { author_id: string; body: string; parent_id?: string | undefined }): Comment {
  assertCommentBody(input.body);
  const mentions = findMentions(input.body);
  const cause_id = currentActor()?.cause_id;
  return {
    comment_id: randomUUID(),
    ...(input.parent_id !== undefined && { parent_id: input.parent_id }),
    author_id: input.author_id,
    body: input.body,
    ...(mentions.length > 0 && { mentions }),
    created_at: new Date(),
    ...(cause_id && { cause_id }),
  };
}

function assertCommentBody(body: string): void {
  if (body.trim() === '') throw new InvalidInputError('Write something', { code: 'comment.empty' });
  if (body.length > threadLimits.bodyCharacters)
    throw new InvalidInputError(`A comment has at most ${threadLimits.bodyCharacters} characters`, {
      code: 'comment.too-long',
    });
}

function findComment(thread: CommentThread, commentId: string): { comment: Comment; place: number } {
  const place = thread.comments.findIndex(({ comment_id }) => comment_id === commentId);
  const comment = thread.comments[place];
  if (!comment) throw new NotFoundError(`This thread has no comment ${commentId}`, 'comment.unknown');
  return { comment, place };
}

function filterOf({ entity_type, entity_id, thread_id }: ThreadReference) {
  if (!/^[0-9a-f]{24}$/.test(thread_id)) throw unknownThread(thread_id);
  return { entity_type, entity_id, _id: new Types.ObjectId(thread_id) };
}

function unknownThread(threadId: string): NotFoundError {
  return new NotFoundError(`There is no thread ${threadId} about this entity`, 'thread.unknown');
}

function fullThread(): ConflictError {
  return new ConflictError('This thread is full; start a new one', 'thread.full');
}
