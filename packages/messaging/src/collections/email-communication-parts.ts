import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';

/** A name and an address, as a mail header carries them. */
@modelOptions({ schemaOptions: { _id: false } })
export class EmailAddress {
  @prop({ type: String, required: true, maxlength: 320 })
  address!: string;

  @prop({ type: String, maxlength: 500 })
  name?: string;
}

/** Why a file of a mail is not among the files of its entity. */
@modelOptions({ schemaOptions: { _id: false } })
export class EmailFileRefusal {
  @prop({ type: String, required: true, maxlength: 100 })
  code!: string;

  @prop({ type: String, required: true, maxlength: 2_000 })
  message!: string;
}

/** A file of a mail, kept in object storage. */
@modelOptions({ schemaOptions: { _id: false } })
export class EmailAttachment {
  /** The file among those of the mail's entity (`attachment_metadata.file_id`), once it is there. */
  @prop({ type: String, maxlength: 100 })
  file_id?: string;

  /** Set if the entity refuses the file, which cannot be downloaded then. */
  @prop({ type: () => EmailFileRefusal })
  refusal?: EmailFileRefusal;

  @prop({ type: String, required: true })
  object_key!: string;

  @prop({ type: String, required: true, maxlength: 255 })
  file_name!: string;

  @prop({ type: String, required: true, maxlength: 255 })
  content_type!: string;

  @prop({ type: Number, required: true, min: 0 })
  size_bytes!: number;

  /** Hexadecimal SHA-256 of the content. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  sha256!: string;

  /** Name of the file in the HTML body (`cid:`). */
  @prop({ type: String })
  content_id?: string;

  /** Shown within the body rather than offered beside it. */
  @prop({ type: Boolean, required: true, default: false })
  inline!: boolean;
}

/** One header line, decoded; headers repeat and their order matters, so they are a list. */
@modelOptions({ schemaOptions: { _id: false } })
export class EmailHeader {
  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  @prop({ type: String, default: '', maxlength: 10_000 })
  value!: string;
}
