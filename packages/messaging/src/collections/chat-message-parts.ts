import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';
import { messageLimits } from './message-limits.js';

/** A file of a message, as far as readers show it; its record is in `attachment_metadata`. */
@modelOptions({ schemaOptions: { _id: false } })
export class ChatAttachment {
  @prop({ type: String, required: true, maxlength: 100 })
  attachment_id!: string;

  @prop({ type: String, required: true, maxlength: 255 })
  file_name!: string;

  @prop({ type: String, required: true, maxlength: 255 })
  content_type!: string;

  @prop({ type: Number, required: true, min: 0 })
  size_bytes!: number;

  /** Hexadecimal SHA-256 of the content. */
  @prop({ type: String, match: /^[0-9a-f]{64}$/ })
  sha256?: string;

  /** Pixels; images only. */
  @prop({ type: Number, min: 1 })
  width?: number;

  /** Pixels; images only. */
  @prop({ type: Number, min: 1 })
  height?: number;
}

/** One user's reaction to a message. */
@modelOptions({ schemaOptions: { _id: false } })
export class ChatReaction {
  @prop({ type: String, required: true, maxlength: messageLimits.emojiCharacters })
  emoji!: string;

  @prop({ type: String, required: true })
  user_id!: string;

  @prop({ type: Date, required: true })
  reacted_at!: Date;
}

/** A body that an edit replaced. */
@modelOptions({ schemaOptions: { _id: false } })
export class ChatEdit {
  /** The body as it was before. */
  @prop({ type: String, default: '', maxlength: messageLimits.bodyBytes })
  body!: string;

  @prop({ type: String, required: true })
  edited_by!: string;

  @prop({ type: Date, required: true })
  edited_at!: Date;
}

/** A row in PostgreSQL that a message is about. */
@modelOptions({ schemaOptions: { _id: false } })
export class EntityLink {
  @prop({ type: String, required: true, maxlength: 100 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;
}
