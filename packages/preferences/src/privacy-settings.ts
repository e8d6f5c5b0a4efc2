import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';

/** What a person lets be noted of what they do. */
@modelOptions({ schemaOptions: { _id: false } })
export class Privacy {
  /** Whether links in mails may tell that they were followed. */
  @prop({ type: Boolean, required: true })
  track_clicks!: boolean;
}
