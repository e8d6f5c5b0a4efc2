import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import { TokenUsage } from './token-usage.js';

/** How a question ended. */
export const nlpQueryStatuses = ['answered', 'needs_clarification', 'refused', 'failed'] as const;
export type NlpQueryStatus = (typeof nlpQueryStatuses)[number];

/** What the question was understood to ask. */
@modelOptions({ schemaOptions: { _id: false } })
export class ParsedIntent {
  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  @prop({ type: Number, required: true, min: 0, max: 1 })
  confidence!: number;
}

/** A thing that the question mentions. */
@modelOptions({ schemaOptions: { _id: false } })
export class ExtractedEntity {
  /** `project`, `date_range`, `status`, `person`. */
  @prop({ type: String, required: true, maxlength: 100 })
  kind!: string;

  /** The words in the question. */
  @prop({ type: String, required: true, maxlength: 500 })
  text!: string;

  /** Where the words begin, in UTF-16 units. */
  @prop({ type: Number, required: true, min: 0 })
  start!: number;

  @prop({ type: Number, required: true, min: 0 })
  end!: number;

  /** What the words were taken to mean. */
  @prop({ type: String, maxlength: 500 })
  value?: string;

  @prop({ type: String })
  entity_type?: string;

  @prop({ type: String })
  entity_id?: string;

  @prop({ type: Number, required: true, min: 0, max: 1 })
  confidence!: number;
}

/** What the person thought of the answer. */
@modelOptions({ schemaOptions: { _id: false } })
export class AnswerFeedback {
  @prop({ type: Boolean, required: true })
  is_helpful!: boolean;

  @prop({ type: String, maxlength: 2_000 })
  comment?: string;

  @prop({ type: Date, required: true })
  given_at!: Date;
}

/** One question in natural language, and how it was understood. */
@Collection<NlpQueryHistory>({
  name: 'nlp_query_history',
  purpose: 'Parsed intents and extracted entities from natural-language queries',
  time: 'asked_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 1_500, documentsPerDay: 2_000 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    { key: { user_id: 1, asked_at: -1 }, serves: 'listQueriesOfUser' },
    { key: { 'intent.name': 1, asked_at: -1 }, serves: 'listQueriesOfIntent' },
    {
      key: { cause_id: 1, asked_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listQueriesOfCause',
    },
  ],
  shardKey: { user_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class NlpQueryHistory {
  @prop({ type: String, required: true })
  user_id!: string;

  /** The question as it was typed. */
  @prop({ type: String, required: true, maxlength: 4_000 })
  question!: string;

  /** BCP 47 language tag of the question. */
  @prop({ type: String, maxlength: 35 })
  locale?: string;

  /** Absent where nothing was understood. */
  @prop({ type: ParsedIntent })
  intent?: ParsedIntent;

  @prop({ type: [ParsedIntent], required: true, default: [] })
  other_intents!: ParsedIntent[];

  @prop({ type: [ExtractedEntity], required: true, default: [] })
  entities!: ExtractedEntity[];

  /** The read-only query that was derived. */
  @prop({ type: Schema.Types.Mixed })
  derived_query?: Record<string, unknown>;

  @prop({ type: String, required: true, enum: nlpQueryStatuses })
  status!: NlpQueryStatus;

  @prop({ type: String, maxlength: 100 })
  error_code?: string;

  @prop({ type: Number, min: 0 })
  result_count?: number;

  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  @prop({ type: String, maxlength: 200 })
  language_model?: string;

  @prop({ type: TokenUsage })
  usage?: TokenUsage;

  @prop({ type: AnswerFeedback })
  feedback?: AnswerFeedback;

  @prop({ type: String })
  conversation_id?: string;

  @prop({ type: String })
  cause_id?: string;

  @prop({ type: Date, required: true })
  asked_at!: Date;
}
