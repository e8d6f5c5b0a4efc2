import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { Types } from 'mongoose';
import { ChatMessage } from './chat-message.js';

interface ChannelWindow {
  channel: string;
  /** Only messages after this `seq`. */
  after?: number;
  /** Only messages before this `seq`. */
  before?: number;
}

function seqWithin({ after, before }: ChannelWindow) {
  return after === undefined && before === undefined
    ? {}
    : { seq: { ...(after !== undefined && { $gt: after }), ...(before !== undefined && { $lt: before }) } };
}

/** What lists of messages do not read: earlier texts may be a hundred times as long as the message. */
export const unlistedFields = ['edits', 'announcements'] as const;

/** Messages of a channel, oldest first. */
export const listMessagesOfChannel = defineQuery(ChatMessage, {
  example: { channel: 'project:42', after: 10 },
  shape: (window: ChannelWindow) => ({
    filter: { channel: window.channel, ...seqWithin(window) },
    sort: { seq: 1 },
  }),
});

/** Messages of a channel, newest first. */
export const listLatestMessagesOfChannel = defineQuery(ChatMessage, {
  example: { channel: 'project:42', before: 10 },
  shape: (window: ChannelWindow) => ({
    filter: { channel: window.channel, ...seqWithin(window) },
    sort: { seq: -1 },
  }),
});

/** Messages of a channel that contain all these words in any letter case, newest first. */
export const searchMessagesOfChannel = defineQuery(ChatMessage, {
  example: { channel: 'project:42', words: ['span', '4'], after: 0, before: 10 },
  shape: ({ channel, words, after, before }: Required<ChannelWindow> & { words: readonly string[] }) => ({
    filter: {
      channel,
      seq: { $gt: after, $lt: before },
      $and: words.map((word) => ({ body: { $regex: escapePattern(word), $options: 'i' } })),
    },
    sort: { seq: -1 },
  }),
});

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Messages that were changed after they were sent, the longest unchanged first. */
export const listChangedMessages = defineQuery(ChatMessage, {
  example: { channel: 'project:42', since: new Date('2026-01-01T00:00:00Z') },
  shape: ({ channel, since }: { channel: string; since: Date }) => ({
    filter: { channel, changed_at: { $exists: true, $gt: since } },
    sort: { changed_at: 1 },
  }),
});

/** The message that a sender's client gave this id, if it was ever stored. */
export const findMessageByClientId = defineQuery(ChatMessage, {
  example: { channel: 'project:42', sender_id: 'u-1', client_message_id: 'c-1' },
  shape: (key: Pick<ChatMessage, 'channel' | 'sender_id' | 'client_message_id'>) => ({
    filter: {
      channel: key.channel,
      sender_id: key.sender_id,
      client_message_id: key.client_message_id,
    },
  }),
});

/** Replies within a thread, oldest first. */
export const listRepliesToMessage = defineQuery(ChatMessage, {
  example: { channel: 'project:42', parent_id: new Types.ObjectId('64b000000000000000000001') },
  shape: ({ channel, parent_id }: { channel: string; parent_id: Types.ObjectId }) => ({
    filter: { channel, parent_id },
    sort: { seq: 1 },
  }),
});

/** Pinned messages of a channel, the latest pin first. */
export const listPinnedMessages = defineQuery(ChatMessage, {
  example: { channel: 'project:42' },
  shape: ({ channel }: { channel: string }) => ({
    filter: { channel, pinned_at: { $exists: true } },
    sort: { pinned_at: -1 },
  }),
});

/** Tombstones of a channel after a place, oldest first. */
export const listDeletedMessages = defineQuery(ChatMessage, {
  example: { channel: 'project:42', after: 10 },
  shape: ({ channel, after }: { channel: string; after: number }) => ({
    filter: { channel, seq: { $gt: after }, deleted_at: { $exists: true } },
    sort: { seq: 1 },
  }),
});

/** Messages whose notifications were left unsent, the longest waiting first. */
export const listMessagesToAnnounce = defineQuery(ChatMessage, {
  example: { before: new Date(Date.UTC(2026, 0, 15)) },
  shape: ({ before }: { before: Date }) => ({
    // Not every engine infers from the comparison that the field exists, as the partial index asks.
    filter: { announcing_since: { $exists: true, $lt: before } },
    sort: { announcing_since: 1 },
  }),
});

/** Messages that mention a user, newest first. */
export const listMentionsOfUser = defineQuery(ChatMessage, {
  example: { user_id: 'u-1' },
  shape: ({ user_id }: { user_id: string }) => ({
    filter: { mentions: user_id },
    sort: { created_at: -1 },
  }),
});

/** Messages of any channel that link to an entity, newest first. */
export const listMessagesLinkingEntity = defineQuery(ChatMessage, {
  example: { entity_type: 'work_orders', entity_id: '7' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({
    // The dotted conditions let the partial index apply; $elemMatch ties both to one link.
    filter: {
      'links.entity_type': entity_type,
      'links.entity_id': entity_id,
      links: { $elemMatch: { entity_type, entity_id } },
    },
    sort: { created_at: -1 },
  }),
});
