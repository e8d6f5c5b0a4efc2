import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';

/** Which part of the product a file came by. */
export const attachmentSources = ['upload', 'chat', 'comment', 'email', 'report'] as const;
export type AttachmentSource = (typeof attachmentSources)[number];

/** What the scanner says; only `clean` lets anybody download. */
export const scanVerdicts = ['pending', 'clean', 'infected', 'unscannable'] as const;
export type ScanVerdict = (typeof scanVerdicts)[number];

/** The scan of one stored version. */
@modelOptions({ schemaOptions: { _id: false } })
export class AttachmentScan {
  @prop({ type: String, required: true, enum: scanVerdicts, default: 'pending' })
  verdict!: ScanVerdict;

  @prop({ type: String, maxlength: 100 })
  engine?: string;

  /** Name of what was found. */
  @prop({ type: String, maxlength: 200 })
  signature?: string;

  @prop({ type: Date })
  scanned_at?: Date;
}

/** An upload that has begun; gone once the file is stored. */
@modelOptions({ schemaOptions: { _id: false } })
export class AttachmentUpload {
  @prop({ type: String, required: true })
  upload_id!: string;

  @prop({ type: String, required: true, enum: ['multipart', 'tus'] })
  protocol!: 'multipart' | 'tus';

  /** Bytes received so far. */
  @prop({ type: Number, required: true, min: 0 })
  received_bytes!: number;

  @prop({ type: Date, required: true })
  last_received_at!: Date;

  /** The file of which this becomes the next version; a file of its own when absent. */
  @prop({ type: String })
  next_of?: string;

  /** SHA-256 that the client announced. */
  @prop({ type: String, match: /^[0-9a-f]{64}$/ })
  announced_sha256?: string;
}

/** A smaller image of an image. */
@modelOptions({ schemaOptions: { _id: false } })
export class AttachmentThumbnail {
  @prop({ type: String, required: true })
  object_key!: string;

  @prop({ type: String, required: true, maxlength: 255 })
  content_type!: string;

  /** Pixels. */
  @prop({ type: Number, required: true, min: 1 })
  width!: number;

  /** Pixels. */
  @prop({ type: Number, required: true, min: 1 })
  height!: number;

  @prop({ type: Number, required: true, min: 0 })
  size_bytes!: number;
}

/** What is known of a file that is an image. */
@modelOptions({ schemaOptions: { _id: false } })
export class AttachmentImage {
  /** Pixels. */
  @prop({ type: Number, required: true, min: 1 })
  width!: number;

  /** Pixels. */
  @prop({ type: Number, required: true, min: 1 })
  height!: number;

  @prop({ type: () => [AttachmentThumbnail], default: undefined })
  thumbnails?: AttachmentThumbnail[];
}

/** One time that somebody fetched the file. */
@modelOptions({ schemaOptions: { _id: false } })
export class AttachmentAccess {
  @prop({ type: String, required: true })
  user_id!: string;

  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: String, required: true, enum: ['link', 'download', 'preview'] })
  action!: 'link' | 'download' | 'preview';

  @prop({ type: String })
  ip_address?: string;
}
