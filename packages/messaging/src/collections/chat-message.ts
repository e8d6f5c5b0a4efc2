import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';
import { Announcement } from './announcement.js';
import { ChatAttachment, ChatEdit, ChatReaction, EntityLink } from './chat-message-parts.js';
import { messageLimits } from './message-limits.js';

/** One message of a channel; deleting it leaves a tombstone, so that the channel's numbering stays gap-free. */
@Collection<ChatMessage>({
  name: 'chat_message',
  purpose: 'Real-time chat messages with nested attachments',
  retention: permanent(),
  growth: growth('moderate', { documentBytes: 700, documentsPerDay: 8_000 }),
  traits: ['nested-fields', 'variable-schema'],
  indexes: [
    { key: { channel: 1, seq: 1 }, unique: true, serves: 'listMessagesOfChannel' },
    {
      key: { channel: 1, sender_id: 1, client_message_id: 1 },
      unique: true,
      serves: 'findMessageByClientId',
    },
    {
      key: { channel: 1, parent_id: 1, seq: 1 },
      partial: { parent_id: { $exists: true } },
      serves: 'listRepliesToMessage',
    },
    {
      key: { channel: 1, pinned_at: -1 },
      partial: { pinned_at: { $exists: true } },
      serves: 'listPinnedMessages',
    },
    {
      key: { channel: 1, changed_at: 1 },
      partial: { changed_at: { $exists: true } },
      serves: 'listChangedMessages',
    },
    {
      key: { mentions: 1, created_at: -1 },
      partial: { mentions: { $exists: true } },
      serves: 'listMentionsOfUser',
    },
    {
      key: { 'links.entity_type': 1, 'links.entity_id': 1, created_at: -1 },
      partial: { 'links.entity_id': { $exists: true } },
      serves: 'listMessagesLinkingEntity',
    },
    {
      key: { channel: 1, seq: 1, deleted_at: 1 },
      partial: { deleted_at: { $exists: true } },
      serves: 'listDeletedMessages',
    },
    {
      key: { announcing_since: 1 },
      partial: { announcing_since: { $exists: true } },
      serves: 'listMessagesToAnnounce',
    },
  ],
  // Channel alone: a unique index can only be kept on a shard key's prefix, and both unique keys start here.
  shardKey: { channel: 1 },
})
@modelOptions({})
export class ChatMessage {
  readonly _id!: Types.ObjectId;

  @prop({ type: String, required: true, maxlength: messageLimits.channelCharacters })
  channel!: string;

  /** Place within the channel, gap-free from 1. */
  @prop({ type: Number, required: true, min: 1, validate: Number.isSafeInteger })
  seq!: number;

  @prop({ type: String, required: true })
  sender_id!: string;

  /** Chosen by the sender's client; a repeated one is the same message, sent again. */
  @prop({ type: String, required: true, maxlength: messageLimits.clientMessageIdCharacters })
  client_message_id!: string;

  /** Of the message as it was first sent, to tell a repeated key from one that is used for something else. */
  @prop({ type: String, maxlength: 22 })
  fingerprint?: string;

  /** Plain text; empty in a tombstone, and where a message only carries attachments. */
  @prop({ type: String, default: '', maxlength: messageLimits.bodyBytes })
  body!: string;

  /** First message of the thread that this one belongs to. */
  @prop({ type: Schema.Types.ObjectId })
  parent_id?: Types.ObjectId;

  @prop({ type: () => [ChatAttachment], default: undefined })
  attachments?: ChatAttachment[];

  /** Ids of the users that the body names as `@user`. */
  @prop({ type: [String], default: undefined })
  mentions?: string[];

  /** Entities that the message is about, besides its channel's own. */
  @prop({ type: () => [EntityLink], default: undefined })
  links?: EntityLink[];

  @prop({ type: () => [ChatReaction], default: undefined })
  reactions?: ChatReaction[];

  /** Its notifications; absent where it mentions nobody, and without a notifier. */
  @prop({ type: () => [Announcement], default: undefined })
  announcements?: Announcement[];

  /** Set while notifications are due; a process that resumes them renews it. */
  @prop({ type: Date })
  announcing_since?: Date;

  /** Earlier bodies, oldest first. */
  @prop({ type: () => [ChatEdit], default: undefined })
  edits?: ChatEdit[];

  /** Counts changes of any kind, from 0: of two versions that reach a client, the higher one is the newer. */
  @prop({ type: Number, required: true, default: 0, min: 0 })
  revision!: number;

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date })
  edited_at?: Date;

  @prop({ type: Date })
  deleted_at?: Date;

  @prop({ type: String })
  deleted_by?: string;

  /** Last edit, deletion, reaction or pin; absent while the message is as it was sent. */
  @prop({ type: Date })
  changed_at?: Date;

  @prop({ type: Date })
  pinned_at?: Date;

  @prop({ type: String })
  pinned_by?: string;

  @prop({ type: String })
  cause_id?: string;
}
