import {
  warnOfError,
  type EntityAccess,
  type EntityReference,
  type Notifier,
  type ReportError,
  type ScopeFilter,
} from '@infratraq/kernel';
import { isDuplicateKey, trusted, type Models, type Stored } from '@infratraq/mongo';
import type { z } from 'zod';
import {
  addComment,
  deleteComment,
  draftComment,
  editComment,
  findWritten,
  type CommentChange,
  type CommentInput,
} from './change-thread.js';
import { Announcer } from '../announcements/announcer.js';
import { announceThreads, oweForComment } from './comment-announcements.js';
import { commentSchemas } from './comment-schemas.js';
import { checkInput } from '../checking/check-input.js';
import { checkPart, type PagePart } from '../checking/page-part.js';
import { CommentThread, type ThreadState, type ThreadSubscription } from '../collections/comment-thread.js';
import {
  listThreadsFollowedByUser,
  listThreadsMentioningUser,
  listThreadsOfEntity,
} from '../collections/comment-thread.queries.js';
import type { Comment } from '../collections/comment-thread-parts.js';
import { cutComments, listedContent, type ListedThreads } from './listed-threads.js';
import { changeThread, filterOf, findThread, threadIdOf, type ThreadReference } from './store-thread.js';
import { chooseSubscription, subscribeTo } from './subscribe-to-thread.js';

/** Names one comment of a thread. */
export interface CommentReference extends ThreadReference {
  readonly comment_id: string;
}

/** A thread after a change, and the comment that changed. */
export interface ChangedThread {
  readonly thread: Stored<CommentThread>;
  readonly comment: Comment;
}

/** Models and ports of comments. */
export interface CommentServiceOptions {
  readonly models: Models;
  /** Decides who may see an entity; threads carry its scopes. */
  readonly access: EntityAccess;
  /** Notifies followers and mentioned users. Comments written without it are never announced. */
  readonly notifier?: Notifier | undefined;
  /** Receives failures to notify; `announcePending` tries again. @default warnings of the process */
  readonly onError?: ReportError | undefined;
  readonly now?: () => Date;
}

/** Comments on any entity: threads with nested replies, edits with history, resolving and reopening. */
export class CommentService {
  readonly access: EntityAccess;
  readonly #models: Models;
  readonly #announcer: Announcer<Stored<CommentThread>, Comment> | undefined;

  constructor({ models, access, notifier, onError = warnOfError, now }: CommentServiceOptions) {
    this.access = access;
    this.#models = models;
    this.#announcer = notifier && new Announcer({ source: announceThreads(models), notifier, onError, now });
  }

  /** Threads about an entity, newest first, each with its latest comments and followers. */
  async list(entity: EntityReference, part: PagePart): Promise<ListedThreads> {
    const checked = check(commentSchemas.entity, entity);
    return cutComments(await this.#models.page(listThreadsOfEntity, checked, checkPart(part), listedContent));
  }

  /** Threads that a user follows or has muted, the latest commented first. */
  async listFollowed(user_id: string, part: PagePart, visible: ScopeFilter): Promise<ListedThreads> {
    const asked = { ...check(commentSchemas.user, { user_id }), ...scopesIn(visible) };
    const { page } = this.#models;
    return cutComments(
      await page(listThreadsFollowedByUser, asked, checkPart(part), {
        ...listedContent,
        list: ['followed', user_id],
      }),
    );
  }

  /** Threads with a comment that mentions a user, the latest commented first. */
  async listMentioning(user_id: string, part: PagePart, visible: ScopeFilter): Promise<ListedThreads> {
    const asked = { ...check(commentSchemas.user, { user_id }), ...scopesIn(visible) };
    const { page } = this.#models;
    return cutComments(
      await page(listThreadsMentioningUser, asked, checkPart(part), {
        ...listedContent,
        list: ['mentioning', user_id],
      }),
    );
  }

  /**
   * Opens a thread with its first comment; once, however often it is asked for under one `client_comment_id`.
   * @throws InvalidInputError `comment.empty`, `comment.too-long`, `comment.invalid`; ConflictError `comment.key-reused`
   */
  async start(entity: EntityReference, input: Omit<CommentInput, 'parent_id'>): Promise<ChangedThread> {
    const { entity_type, entity_id } = check(commentSchemas.entity, entity);
    const comment = this.#draft(check(commentSchemas.start, input));
    const { author_id, mentions = [], created_at, cause_id } = comment;
    const _id = threadIdOf({ entity_type, entity_id }, comment);
    const opened = {
      _id,
      entity_type,
      entity_id,
      scopes: [...(await this.access.scopesOfEntity({ entity_type, entity_id }))],
      state: 'open' as const,
      comments: [comment],
      subscriptions: subscribeTo([], author_id, mentions, 'author', created_at),
      comment_count: 1,
      content_bytes: Buffer.byteLength(comment.body),
      revision: 0,
      created_by: author_id,
      created_at,
      last_comment_at: created_at,
      ...(comment.announcements && { announcing_since: created_at }),
      ...(cause_id && { cause_id }),
    };
    try {
      const thread = (await this.#models.of(CommentThread).create(opened)).toObject();
      await this.#announce(thread, comment);
      return { thread, comment };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // It was opened before, under this key.
      const reference = { entity_type, entity_id, thread_id: _id.toHexString() };
      return this.#change(reference, (thread) => ({ comment: findWritten(thread, comment) ?? comment }));
    }
  }

  /**
   * Adds a comment to a thread, in reply to the thread or to one comment; once, however often it is asked for under one
   * `client_comment_id`. A resolved thread reopens.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ConflictError `thread.full`, `comment.key-reused`
   */
  async reply(reference: ThreadReference, input: CommentInput): Promise<ChangedThread> {
    const comment = this.#draft(check(commentSchemas.reply, input));
    return this.#change(reference, (thread) => addComment(thread, comment));
  }

  /**
   * Replaces the text of the user's own comment and keeps the earlier one.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`;
   * ConflictError `comment.deleted`, `comment.edits`, `thread.full`
   */
  async edit(reference: CommentReference, input: { user_id: string; body: string }): Promise<ChangedThread> {
    const { comment_id, ...thread } = check(commentSchemas.comment, reference);
    const change = check(commentSchemas.edit, input);
    return this.#change(thread, (current) => editComment(current, comment_id, change));
  }

  /**
   * Deletes the user's own comment; a moderator deletes any. A tombstone stays, so that replies keep their parent.
   * @throws NotFoundError `thread.unknown`, `comment.unknown`; ForbiddenError `comment.forbidden`
   */
  async delete(
    reference: CommentReference,
    input: { user_id: string; moderates?: boolean },
  ): Promise<ChangedThread> {
    const { comment_id, ...thread } = check(commentSchemas.comment, reference);
    const { user_id } = check(commentSchemas.user, input);
    return this.#change(thread, (current) =>
      deleteComment(current, comment_id, { user_id, moderates: input.moderates }),
    );
  }

  /**
   * Resolves or reopens a thread. Repeating the call changes nothing.
   * @throws NotFoundError `thread.unknown`
   */
  async setState(
    reference: ThreadReference,
    to: ThreadState,
    userId: string,
  ): Promise<Stored<CommentThread>> {
    const { user_id: by } = check(commentSchemas.state, { user_id: userId, state: to });
    const thread = check(commentSchemas.thread, reference);
    const at = new Date();
    const moved = await this.#models
      .of(CommentThread)
      .findOneAndUpdate(
        { ...filterOf(thread), state: trusted({ $ne: to }) },
        {
          $push: { transitions: { to, by, at } },
          ...(to === 'resolved'
            ? { $set: { state: to, resolved_at: at, resolved_by: userId } }
            : { $set: { state: to }, $unset: { resolved_at: 1, resolved_by: 1 } }),
          $inc: { revision: 1 },
        },
        { returnDocument: 'after', runValidators: true },
      )
      .lean<Stored<CommentThread> | null>();
    return moved ?? findThread(this.#models, thread);
  }

  /**
   * Lets a user follow a thread, or mute it. A user who has muted a thread receives nothing of it until they follow it
   * again, not even mentions.
   * @throws NotFoundError `thread.unknown`
   */
  async follow(reference: ThreadReference, userId: string, follows: boolean): Promise<ThreadSubscription[]> {
    const choice = check(commentSchemas.follow, { user_id: userId, follows });
    const checked = check(commentSchemas.thread, reference);
    const { thread } = await changeThread(this.#models, checked, (current) =>
      chooseSubscription(current, choice.user_id, choice.follows),
    );
    return thread.subscriptions;
  }

  /** @throws NotFoundError `thread.unknown` */
  async find(reference: ThreadReference): Promise<Stored<CommentThread>> {
    return findThread(this.#models, check(commentSchemas.thread, reference));
  }

  /**
   * Sends and retracts notifications that a crash or an absent notifier has left unsent for a minute or more; returns the
   * number of threads. Call it at start and at an interval.
   */
  async announcePending(): Promise<number> {
    return (await this.#announcer?.sweep()) ?? 0;
  }

  async #announce(thread: Stored<CommentThread>, { comment_id }: Comment): Promise<void> {
    await this.#announcer?.announce(thread, (comment) => comment.comment_id === comment_id);
  }

  #draft(input: CommentInput): Comment {
    const comment = draftComment(input);
    return this.#announcer ? { ...comment, announcements: oweForComment(comment) } : comment;
  }

  async #change(
    reference: ThreadReference,
    decide: (thread: Stored<CommentThread>) => CommentChange,
  ): Promise<ChangedThread> {
    const checked = check(commentSchemas.thread, reference);
    const { thread, change } = await changeThread(this.#models, checked, decide);
    await this.#announce(thread, change.comment);
    return { thread, comment: change.comment };
  }
}

function scopesIn({ scopes }: ScopeFilter) {
  return scopes && { scopes: scopes.$in };
}

function check<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  return checkInput(schema, input, 'comment.invalid', {
    'body:too_big': 'comment.too-long',
    'body:too_small': 'comment.empty',
  });
}
