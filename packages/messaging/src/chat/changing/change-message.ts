import { ConflictError } from '@infratraq/kernel';
import { trusted, type Models, type Stored } from '@infratraq/mongo';
import type { Types } from 'mongoose';
import { ChatMessage } from '../../collections/chat-message.js';
import { oweForMessageEdit } from '../message-announcements.js';
import { findMentions } from '../../mentions/find-mentions.js';
import { messageLimits } from '../../collections/message-limits.js';

const editAttempts = 20;

/** A message, and whether the call changed it. */
export interface ChangedMessage {
  readonly message: Stored<ChatMessage>;
  readonly changed: boolean;
}

type Read = () => Promise<Stored<ChatMessage>>;

/**
 * Replaces a message's body and keeps the earlier one. Concurrent edits are applied one after the other.
 * @throws ConflictError `message.deleted`, `message.edits`
 */
export async function editMessage(
  models: Models,
  read: Read,
  userId: string,
  { body, announces }: { body: string; announces: boolean },
): Promise<ChangedMessage> {
  for (let attempt = 1; attempt <= editAttempts; attempt += 1) {
    const message = await read();
    assertNotDeleted(message);
    if (message.body === body) return { message, changed: false };
    if ((message.edits?.length ?? 0) >= messageLimits.edits)
      throw new ConflictError('This message was edited too often; send a new one', 'message.edits');
    const edited_at = new Date();
    const mentions = findMentions(body);
    const owed = announces ? oweForMessageEdit(message, mentions) : [];
    const announcements = [...(message.announcements ?? []), ...owed];
    const edited = await models
      .of(ChatMessage)
      .findOneAndUpdate(
        { _id: message._id, revision: message.revision, deleted_at: trusted({ $exists: false }) },
        {
          $push: { edits: { body: message.body, edited_by: userId, edited_at } },
          $set: {
            body,
            edited_at,
            changed_at: edited_at,
            ...(mentions.length > 0 && { mentions }),
            ...(owed.length > 0 && { announcements }),
            ...(owed.length > 0 && !message.announcing_since && { announcing_since: edited_at }),
          },
          ...(mentions.length === 0 && { $unset: { mentions: 1 } }),
          $inc: { revision: 1 },
        },
        { returnDocument: 'after', runValidators: true },
      )
      .lean<Stored<ChatMessage> | null>();
    if (edited) return { message: edited, changed: true };
  }
  throw staleMessage();
}

/** Turns a message into a tombstone: number, sender and times stay, the content goes. */
export async function deleteMessage(models: Models, read: Read, userId: string): Promise<ChangedMessage> {
  for (let attempt = 1; attempt <= editAttempts; attempt += 1) {
    const message = await read();
    if (message.deleted_at) return { message, changed: false };
    const deleted = await buryMessage(models, message, userId);
    if (deleted) return { message: deleted, changed: true };
  }
  throw staleMessage();
}

function buryMessage(
  models: Models,
  { _id, announcements }: Stored<ChatMessage>,
  userId: string,
): Promise<Stored<ChatMessage> | null> {
  const deleted_at = new Date();
  return models
    .of(ChatMessage)
    .findOneAndUpdate(
      // An edit may announce for the first time in the meantime, and that is to be retracted too.
      {
        _id,
        deleted_at: trusted({ $exists: false }),
        announcements: trusted({ $exists: announcements !== undefined }),
      },
      {
        $set: {
          body: '',
          deleted_at,
          changed_at: deleted_at,
          deleted_by: userId,
          ...(announcements && { announcing_since: deleted_at }),
        },
        $unset: {
          attachments: 1,
          mentions: 1,
          links: 1,
          reactions: 1,
          edits: 1,
          pinned_at: 1,
          pinned_by: 1,
        },
        $inc: { revision: 1 },
      },
      { returnDocument: 'after' },
    )
    .lean<Stored<ChatMessage> | null>();
}

/**
 * Adds or removes one user's reaction.
 * @throws ConflictError `message.deleted`, `message.reactions`
 */
export async function reactToMessage(
  models: Models,
  read: Read,
  reaction: { user_id: string; emoji: string; on: boolean },
): Promise<ChangedMessage> {
  const { user_id, emoji, on } = reaction;
  const { _id } = await read();
  const reacted_at = new Date();
  const reacted = await models
    .of(ChatMessage)
    .findOneAndUpdate(
      { _id, deleted_at: trusted({ $exists: false }), ...conditionOf(reaction) },
      on
        ? {
            $push: { reactions: { emoji, user_id, reacted_at } },
            $set: { changed_at: reacted_at },
            $inc: { revision: 1 },
          }
        : {
            $pull: { reactions: { emoji, user_id } },
            $set: { changed_at: reacted_at },
            $inc: { revision: 1 },
          },
      { returnDocument: 'after', runValidators: true },
    )
    .lean<Stored<ChatMessage> | null>();
  if (reacted) return { message: reacted, changed: true };
  const message = await read();
  assertNotDeleted(message);
  if (on && (message.reactions?.length ?? 0) >= messageLimits.reactions)
    throw new ConflictError('This message has too many reactions', 'message.reactions');
  return { message, changed: false };
}

/**
 * Pins or unpins a message.
 * @throws ConflictError `message.deleted`
 */
export async function pinMessage(
  models: Models,
  read: Read,
  { user_id, on }: { user_id: string; on: boolean },
): Promise<ChangedMessage> {
  const { _id } = await read();
  const now = new Date();
  const pinned = await models
    .of(ChatMessage)
    .findOneAndUpdate(
      {
        _id,
        deleted_at: trusted({ $exists: false }),
        pinned_at: trusted({ $exists: !on }),
      },
      on
        ? { $set: { pinned_at: now, pinned_by: user_id, changed_at: now }, $inc: { revision: 1 } }
        : { $unset: { pinned_at: 1, pinned_by: 1 }, $set: { changed_at: now }, $inc: { revision: 1 } },
      { returnDocument: 'after' },
    )
    .lean<Stored<ChatMessage> | null>();
  if (pinned) return { message: pinned, changed: true };
  const message = await read();
  assertNotDeleted(message);
  return { message, changed: false };
}

function staleMessage(): ConflictError {
  return new ConflictError('Others are editing this message; try again', 'message.stale');
}

function conditionOf({ user_id, emoji, on }: { user_id: string; emoji: string; on: boolean }) {
  const given = { $elemMatch: { emoji, user_id } };
  return on
    ? {
        reactions: trusted({ $not: given }),
        [`reactions.${messageLimits.reactions - 1}`]: trusted({ $exists: false }),
      }
    : { reactions: trusted(given) };
}

function assertNotDeleted(message: { _id: Types.ObjectId; deleted_at?: Date }): void {
  if (message.deleted_at) throw new ConflictError('This message was deleted', 'message.deleted');
}
