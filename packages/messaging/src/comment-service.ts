import { ConflictError, NotFoundError, type EntityReference } from '@infratraq/kernel';
import { trusted, type Models, type Page, type Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import {
  addComment,
  assertCommentBody,
  deleteComment,
  draftComment,
  editComment,
  fullThread,
  type CommentInput,
  type ThreadChange,
} from './change-thread.js';
import { CommentThread, type ThreadState } from './comment-thread.js';
import { listThreadsOfEntity } from './comment-thread.queries.js';
import type { Comment } from './comment.js';
import { threadLimits } from './message-limits.js';
import { subscribeTo } from './subscribe-to-thread.js';

/** Names one thread of an entity; a thread is not found under any other entity. */
export interface ThreadReference extends EntityReference {
  readonly thread_id: string;
}

/** Names one comment of a thread. */
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
  async reply(reference: ThreadReference, input: CommentInput): Promise<ChangedThread> {
    const comment = draftComment(input);
    return this.#change(reference, (thread) => addComment(thread, comment));
  }

  /**
   * Replaces the text of one's own comment and keeps the one before.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`;
   * ConflictError `comment.deleted`, `comment.edits`, `thread.full`
   */
  async edit(reference: CommentReference, input: { user_id: string; body: string }): Promise<ChangedThread> {
    assertCommentBody(input.body);
    return this.#change(reference, (thread) => editComment(thread, reference.comment_id, input));
  }

  /**
   * Deletes one's own comment; its place stays, so that answers to it keep their parent.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`
   */
  async delete(reference: CommentReference, input: { user_id: string }): Promise<ChangedThread> {
    return this.#change(reference, (thread) => deleteComment(thread, reference.comment_id, input.user_id));
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
    decide: (thread: Stored<CommentThread>) => ThreadChange,
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

function filterOf({ entity_type, entity_id, thread_id }: ThreadReference) {
  if (!/^[0-9a-f]{24}$/.test(thread_id)) throw unknownThread(thread_id);
  return { entity_type, entity_id, _id: new Types.ObjectId(thread_id) };
}

function unknownThread(threadId: string): NotFoundError {
  return new NotFoundError(`There is no thread ${threadId} about this entity`, 'thread.unknown');
}
