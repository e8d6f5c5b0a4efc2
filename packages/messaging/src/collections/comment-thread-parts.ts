import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';
import { Announcement } from './announcement.js';
import { ChatAttachment } from './chat-message-parts.js';
import { threadLimits } from './message-limits.js';

/** A comment's text before an edit. */
@modelOptions({ schemaOptions: { _id: false } })
export class CommentEdit {
  @prop({ type: String, required: true, maxlength: threadLimits.bodyBytes })
  body!: string;

  @prop({ type: String, required: true })
  edited_by!: string;

  @prop({ type: Date, required: true })
  edited_at!: Date;
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

  /** Chosen by the author's client; a repeated one is the same comment, written again. */
  @prop({ type: String, maxlength: 100 })
  client_comment_id?: string;

  /** Of the comment as it was first sent, to tell a repeated key from one that is used for something else. */
  @prop({ type: String, maxlength: 22 })
  fingerprint?: string;

  /** Plain text; empty once deleted. */
  @prop({ type: String, default: '', maxlength: threadLimits.bodyBytes })
  body!: string;

  @prop({ type: [String], default: undefined })
  mentions?: string[];

  @prop({ type: () => [ChatAttachment], default: undefined })
  attachments?: ChatAttachment[];

  /** Earlier texts, oldest first. */
  @prop({ type: () => [CommentEdit], default: undefined })
  edits?: CommentEdit[];

  /** Its notifications; absent without a notifier. */
  @prop({ type: () => [Announcement], default: undefined })
  announcements?: Announcement[];

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
