import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { backOffMilliseconds, ConflictError, NotFoundError, type EntityReference } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import { Types, type UpdateQuery } from 'mongoose';
import { threadLimits } from '../collections/message-limits.js';
import { CommentThread } from '../collections/comment-thread.js';

/** A thread of an entity; under any other entity it is unknown. */
export interface ThreadReference extends EntityReference {
  readonly thread_id: string;
}

/** A change of a thread, decided on its present state. */
export interface ThreadChange {
  /** Absent when there is nothing to change. */
  readonly update?: UpdateQuery<CommentThread>;
  readonly addedBytes?: number;
}

// A hundred people may answer at once, and each answer is recorded as announced too.
const changeAttempts = 60;
const whileContended = { firstMilliseconds: 4, longestMilliseconds: 250 };

/** @throws NotFoundError `thread.unknown` */
export async function findThread(models: Models, reference: ThreadReference): Promise<Stored<CommentThread>> {
  const thread = await models
    .of(CommentThread)
    .findOne(filterOf(reference))
    .read('primary')
    .lean<Stored<CommentThread> | null>();
  if (!thread) throw unknownThread(reference.thread_id);
  return thread;
}

/**
 * Reads a thread, decides on a change and writes it; after a concurrent write, reads and decides again.
 * @throws NotFoundError `thread.unknown`; ConflictError `thread.full`, `thread.stale`
 */
export async function changeThread<Change extends ThreadChange>(
  models: Models,
  reference: ThreadReference,
  decide: (thread: Stored<CommentThread>) => Change,
): Promise<{ thread: Stored<CommentThread>; change: Change }> {
  for (let attempt = 1; attempt <= changeAttempts; attempt += 1) {
    if (attempt > 1) await wait(backOffMilliseconds(attempt - 1, whileContended));
    const thread = await findThread(models, reference);
    const change = decide(thread);
    const { update, addedBytes = 0 } = change;
    if (!update) return { thread, change };
    if (addedBytes > 0 && thread.content_bytes + addedBytes > threadLimits.contentBytes) throw fullThread();
    const changed = await models
      .of(CommentThread)
      .findOneAndUpdate(
        { ...filterOf(reference), revision: thread.revision },
        { ...update, $inc: { ...update.$inc, revision: 1 } },
        { returnDocument: 'after', runValidators: true },
      )
      .lean<Stored<CommentThread> | null>();
    if (changed) return { thread: changed, change };
  }
  throw new ConflictError('Others are writing in this thread; try again', 'thread.stale');
}

/** Filter of a thread. */
export function filterOf({ entity_type, entity_id, thread_id }: ThreadReference) {
  if (!/^[0-9a-f]{24}$/.test(thread_id)) throw unknownThread(thread_id);
  return { entity_type, entity_id, _id: new Types.ObjectId(thread_id) };
}

/** Id of the thread that an author opens under a key: the same for each attempt. */
export function threadIdOf(
  { entity_type, entity_id }: EntityReference,
  { author_id, client_comment_id }: { author_id: string; client_comment_id?: string | undefined },
): Types.ObjectId {
  if (client_comment_id === undefined) return new Types.ObjectId();
  const key = JSON.stringify([entity_type, entity_id, author_id, client_comment_id]);
  return new Types.ObjectId(createHash('sha256').update(key).digest().subarray(0, 12));
}

/** Reference to a thread. */
export function referenceOf({ entity_type, entity_id, _id }: Stored<CommentThread>): ThreadReference {
  return { entity_type, entity_id, thread_id: _id.toHexString() };
}

function unknownThread(threadId: string): NotFoundError {
  return new NotFoundError(`There is no thread ${threadId} about this entity`, 'thread.unknown');
}

/** The refusal of a comment for which the thread has no room. */
export function fullThread(): ConflictError {
  return new ConflictError('This thread is full; start a new one', 'thread.full');
}
