import 'reflect-metadata';
import { Redact } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

/** An error as it is stored. */
@modelOptions({ schemaOptions: { _id: false } })
export class ErrorDescription {
  /** The class of the error. */
  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  /** The error's stable code, where it has one. */
  @prop({ type: String, maxlength: 200 })
  code?: string;

  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 4_000 })
  message!: string;

  @Redact('secrets')
  @prop({ type: String, maxlength: 16_000 })
  stack?: string;
}
