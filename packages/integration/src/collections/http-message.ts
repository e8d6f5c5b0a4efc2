import 'reflect-metadata';
import { isSecretName, Redact } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

/** One header field; the value of a secret one is replaced. */
@modelOptions({ schemaOptions: { _id: false } })
export class HttpHeader {
  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  @Redact('mask', { when: ({ name }) => typeof name !== 'string' || isSecretName(name) })
  @prop({ type: String, maxlength: 2_000 })
  value?: string;
}

/** A request or a response as it is kept: headers and payload bounded, secrets replaced. */
@modelOptions({ schemaOptions: { _id: false } })
export class HttpMessage {
  @prop({ type: () => [HttpHeader], required: true, _id: false })
  headers!: HttpHeader[];

  @prop({ type: String, maxlength: 300 })
  content_type?: string;

  /** The payload's text; absent for what is not text (files, streams), of which only the size is kept. */
  @Redact('secrets')
  @prop({ type: String, maxlength: 65_536 })
  payload?: string;

  /** Size of the whole payload in bytes, where it is known. */
  @prop({ type: Number, min: 0 })
  payload_bytes?: number;

  /** Whether `payload` is only the beginning. */
  @prop({ type: Boolean, required: true })
  payload_truncated!: boolean;
}
