import 'reflect-metadata';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import { TokenUsage } from './token-usage.js';

/** Who speaks in a turn. */
export const turnRoles = ['user', 'assistant', 'tool', 'system'] as const;
export type TurnRole = (typeof turnRoles)[number];

/** Why a model stopped. */
export const finishReasons = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'cancelled',
  'error',
] as const;
export type FinishReason = (typeof finishReasons)[number];

/** One call of a tool by the assistant, and what came of it. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class ToolCall {
  @prop({ type: String, required: true, maxlength: 200 })
  call_id!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  tool!: string;

  @prop({ type: Schema.Types.Mixed, required: true })
  arguments!: Record<string, unknown>;

  /** Absent until the call has ended. */
  @prop({ type: Schema.Types.Mixed })
  result?: unknown;

  @prop({ type: String, maxlength: 100 })
  error_code?: string;

  /** Who allowed a call that needs a person's consent. */
  @prop({ type: String })
  confirmed_by?: string;

  @prop({ type: Number, min: 0 })
  duration_ms?: number;
}

/** One turn of a conversation. */
@modelOptions({ schemaOptions: { _id: false, minimize: false } })
export class ConversationTurn {
  /** Position in the conversation, from 1 and without gaps. */
  @prop({ type: Number, required: true, min: 1 })
  turn!: number;

  @prop({ type: String, required: true, enum: turnRoles })
  role!: TurnRole;

  @prop({ type: String, default: '', maxlength: 100_000 })
  content!: string;

  @prop({ type: [ToolCall], default: undefined })
  tool_calls?: ToolCall[];

  /** The call that a turn of role `tool` answers. */
  @prop({ type: String, maxlength: 200 })
  answers_call_id?: string;

  @prop({ type: String, maxlength: 200 })
  language_model?: string;

  @prop({ type: String, enum: finishReasons })
  finish_reason?: FinishReason;

  @prop({ type: TokenUsage })
  usage?: TokenUsage;

  @prop({ type: Date, required: true })
  created_at!: Date;
}
