import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import { ConversationTurn } from './conversation-turn.js';
import { TokenUsage } from './token-usage.js';

/** Whether a conversation takes further turns. */
export const conversationStatuses = ['open', 'answering', 'closed'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];

/** What the assistant knows before the first turn. */
@modelOptions({ schemaOptions: { _id: false, minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class ConversationContext {
  @prop({ type: String, maxlength: 35 })
  locale?: string;

  @prop({ type: String, maxlength: 64 })
  time_zone?: string;

  /** Version of the instructions that the assistant was given. */
  @prop({ type: String, required: true, maxlength: 100 })
  instructions_version!: string;

  /** Names of the tools that the assistant may call. */
  @prop({ type: [String], required: true, default: [] })
  tools!: string[];

  /** Facts that the surface passed along, such as the filters on the screen. */
  @prop({ type: Schema.Types.Mixed })
  facts?: Record<string, unknown>;
}

/** One conversation of a user with the assistant, its turns in order. */
@Collection<AiConversation>({
  name: 'ai_conversation',
  purpose: 'Multi-turn assistant conversation context',
  time: 'last_turn_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 20_000, documentsPerDay: 400 }),
  traits: ['nested-fields', 'variable-schema', 'flexible-payload'],
  indexes: [
    { key: { user_id: 1, last_turn_at: -1 }, serves: 'listConversationsOfUser' },
    {
      key: { entity_type: 1, entity_id: 1, last_turn_at: -1 },
      partial: { entity_type: { $exists: true } },
      serves: 'listConversationsOnEntity',
    },
    {
      key: { cause_id: 1, created_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listConversationsOfCause',
    },
  ],
  shardKey: { user_id: 1 },
})
export class AiConversation {
  @prop({ type: String, required: true })
  user_id!: string;

  @prop({ type: String, maxlength: 200 })
  title?: string;

  @prop({ type: String, required: true, enum: conversationStatuses, default: 'open' })
  status!: ConversationStatus;

  /** The entity that the conversation is about. */
  @prop({ type: String })
  entity_type?: string;

  @prop({ type: String })
  entity_id?: string;

  @prop({ type: ConversationContext, required: true })
  context!: ConversationContext;

  @prop({
    type: [ConversationTurn],
    required: true,
    default: [],
    validate: {
      validator: (turns: unknown[]) => turns.length <= 500,
      message: 'a conversation holds at most 500 turns; begin another one',
    },
  })
  turns!: ConversationTurn[];

  /** What earlier turns said, once they no longer fit into the model's window. */
  @prop({ type: String, maxlength: 20_000 })
  summary?: string;

  /** Turns up to this one are in the summary. */
  @prop({ type: Number, min: 1 })
  summarised_until_turn?: number;

  /** Sum over all turns. */
  @prop({ type: TokenUsage, required: true })
  usage!: TokenUsage;

  /** Counts writes from 1; a writer names the version it has read. */
  @prop({ type: Number, required: true, min: 1 })
  version!: number;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: Date, required: true })
  created_at!: Date;

  /** A conversation's life is counted from its last turn. */
  @prop({ type: Date, required: true })
  last_turn_at!: Date;
}
