import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';
import { ChatAttachment } from './chat-message-parts.js';
import { threadLimits } from './message-limits.js';

/** A comment's text before an edit. */
@modelOptions({ schemaOptions: { _id: false } })
export class CommentEdit {
  @prop({ type: String, required: true, maxlength: threadLimits.bodyCharacters })
  body!: string;

  @prop({ type: String, required: true })
  edited_by!: string;

  @prop({ type: Date, required: true })
  edited_at!: Date;
}

/** A notification of a comment: due until it is sent, and due for retraction once the comment is deleted. */
@modelOptions({ schemaOptions: { _id: false } })
export class CommentAnnouncement {
  /** Its idempotency key. */
  @prop({ type: String, required: true })
  key!: string;

  /** Mentioned users; absent for the notification of all followers. */
  @prop({ type: [String], default: undefined })
  mentioned?: string[];

  /** When the notifier promised it. */
  @prop({ type: Date })
  sent_at?: Date;

  @prop({ type: Date })
  retracted_at?: Date;
}

/** One comment of a thread; a reply to another names it as its parent, to any depth. */
@modelOptions({ schemaOptions: { _id: false } })
export class Comment {
  @prop({ type: String, required: true })
  comment_id!: string;

  /** The comment that this one replies to; absent for the first comment, and for replies to the thread. */
  @prop({ type: String })
  parent_id?: string;

  @prop({ type: String, required: true })
  author_id!: string;

  /** Plain text; empty once deleted. */
  @prop({ type: String, default: '', maxlength: threadLimits.bodyCharacters })
  body!: string;

  @prop({ type: [String], default: undefined })
  mentions?: string[];

  @prop({ type: () => [ChatAttachment], default: undefined })
  attachments?: ChatAttachment[];

  /** Earlier texts, oldest first. */
  @prop({ type: () => [CommentEdit], default: undefined })
  edits?: CommentEdit[];

  /** Its notifications; absent without a notifier. */
  @prop({ type: () => [CommentAnnouncement], default: undefined })
  announcements?: CommentAnnouncement[];

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date })
  edited_at?: Date;

  @prop({ type: Date })
  deleted_at?: Date;

  @prop({ type: String })
  deleted_by?: string;

  @prop({ type: String })
  cause_id?: string;
}
