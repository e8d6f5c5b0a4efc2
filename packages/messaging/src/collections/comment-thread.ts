import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';
import type { Types } from 'mongoose';
import { Comment } from './comment-thread-parts.js';

/** States of a thread; either may follow the other. */
export const threadStates = ['open', 'resolved'] as const;
export type ThreadState = (typeof threadStates)[number];

/** Reasons to follow a thread. */
export const subscriptionReasons = ['author', 'replied', 'mentioned', 'chosen'] as const;
export type SubscriptionReason = (typeof subscriptionReasons)[number];

/** One time that a thread was resolved or reopened. */
@modelOptions({ schemaOptions: { _id: false } })
export class ThreadTransition {
  @prop({ type: String, required: true, enum: threadStates })
  to!: ThreadState;

  @prop({ type: String, required: true })
  by!: string;

  @prop({ type: Date, required: true })
  at!: Date;
}

/** A follower of a thread, who is notified of new comments. */
@modelOptions({ schemaOptions: { _id: false } })
export class ThreadSubscription {
  @prop({ type: String, required: true })
  user_id!: string;

  @prop({ type: String, required: true, enum: subscriptionReasons })
  reason!: SubscriptionReason;

  @prop({ type: Date, required: true })
  since!: Date;

  /** Set when the user has muted the thread. */
  @prop({ type: Date })
  muted_at?: Date;
}

/** A discussion about one entity: comments with nested replies, state, and followers. */
@Collection<CommentThread>({
  name: 'comment_thread',
  purpose: 'Polymorphic comments on any entity (entity_type + entity_id)',
  retention: permanent(),
  growth: growth('moderate', { documentBytes: 3_000, documentsPerDay: 600 }),
  traits: ['nested-fields', 'variable-schema'],
  indexes: [
    { key: { entity_type: 1, entity_id: 1, created_at: -1 }, serves: 'listThreadsOfEntity' },
    { key: { 'subscriptions.user_id': 1, last_comment_at: -1 }, serves: 'listThreadsFollowedByUser' },
    {
      key: { 'comments.mentions': 1, last_comment_at: -1 },
      partial: { 'comments.mentions': { $exists: true } },
      serves: 'listThreadsMentioningUser',
    },
    {
      key: { announcing_since: 1 },
      partial: { announcing_since: { $exists: true } },
      serves: 'listThreadsToAnnounce',
    },
  ],
  shardKey: { entity_type: 1, entity_id: 1 },
})
export class CommentThread {
  readonly _id!: Types.ObjectId;

  @prop({ type: String, required: true, maxlength: 100 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;

  /** Scopes of the entity; who holds one of them finds the thread in lists across entities. */
  @prop({ type: [String], required: true, default: () => [] })
  scopes!: string[];

  @prop({ type: String, required: true, enum: threadStates, default: 'open' })
  state!: ThreadState;

  /** In the order in which they were written; a reply names its parent. */
  @prop({ type: () => [Comment], required: true })
  comments!: Comment[];

  @prop({ type: () => [ThreadTransition], default: undefined })
  transitions?: ThreadTransition[];

  @prop({ type: () => [ThreadSubscription], required: true })
  subscriptions!: ThreadSubscription[];

  /** Comments that are not deleted. */
  @prop({ type: Number, required: true, min: 0 })
  comment_count!: number;

  /** Stored text in bytes, edit history included; keeps a thread far from MongoDB's document limit. */
  @prop({ type: Number, required: true, min: 0 })
  content_bytes!: number;

  /** Counts changes, from 0; a change that started from an older revision is made again on the newer one. */
  @prop({ type: Number, required: true, default: 0, min: 0 })
  revision!: number;

  @prop({ type: String, required: true })
  created_by!: string;

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date, required: true })
  last_comment_at!: Date;

  /** Set while notifications are due; a process that resumes them renews it. */
  @prop({ type: Date })
  announcing_since?: Date;

  @prop({ type: Date })
  resolved_at?: Date;

  @prop({ type: String })
  resolved_by?: string;

  @prop({ type: String })
  cause_id?: string;
}
