import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';

/**
 * A notification of a message or comment, stored with it: due until it is sent, and due for retraction once what it
 * announces is deleted.
 */
@modelOptions({ schemaOptions: { _id: false } })
export class Announcement {
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
