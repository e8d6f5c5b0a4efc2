import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';
import {
  AttachmentAccess,
  AttachmentImage,
  AttachmentScan,
  attachmentSources,
  AttachmentUpload,
  type AttachmentSource,
} from './attachment-metadata-parts.js';
import { attachmentStates, type AttachmentState } from './attachment-state.js';

/** One version of a file that is attached to an entity; the content is in object storage. */
@Collection<AttachmentMetadata>({
  name: 'attachment_metadata',
  purpose: 'Files attached to any entity (entity_type + entity_id)',
  retention: permanent(),
  growth: growth('moderate', { documentBytes: 1_500, documentsPerDay: 1_000 }),
  traits: ['nested-fields', 'variable-schema', 'flexible-payload'],
  indexes: [
    {
      key: { entity_type: 1, entity_id: 1, file_id: 1, version: 1 },
      unique: true,
      serves: 'listVersionsOfFile',
    },
    {
      key: { entity_type: 1, entity_id: 1, is_current: 1, uploaded_at: -1 },
      serves: 'listAttachmentsOfEntity',
    },
    { key: { file_id: 1, is_current: 1 }, serves: 'listAttachmentsById' },
    { key: { sha256: 1 }, partial: { sha256: { $exists: true } }, serves: 'listAttachmentsOfContent' },
    { key: { object_key: 1 }, serves: 'listAttachmentsOfObject' },
    { key: { uploaded_by: 1, uploaded_at: -1 }, serves: 'listAttachmentsOfUploader' },
    {
      key: { 'upload.last_received_at': 1 },
      partial: { 'upload.last_received_at': { $exists: true } },
      serves: 'listStalledUploads',
    },
    {
      key: { 'scan.verdict': 1, uploaded_at: 1 },
      partial: { 'scan.verdict': 'pending' },
      serves: 'listAttachmentsAwaitingScan',
    },
    {
      key: { thumbnails_due: 1 },
      partial: { thumbnails_due: { $exists: true } },
      serves: 'listAttachmentsAwaitingThumbnails',
    },
    {
      key: { purge_after: 1 },
      partial: { purge_after: { $exists: true } },
      serves: 'listPurgeableAttachments',
    },
  ],
  shardKey: { entity_type: 1, entity_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class AttachmentMetadata {
  readonly _id!: Types.ObjectId;

  @prop({ type: String, required: true, maxlength: 100 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;

  /** The file; all its versions share it. */
  @prop({ type: String, required: true })
  file_id!: string;

  /** From 1. */
  @prop({ type: Number, required: true, min: 1, validate: Number.isSafeInteger })
  version!: number;

  /** Exactly one version of a file is current; it is the one that is listed. */
  @prop({ type: Boolean, required: true })
  is_current!: boolean;

  @prop({ type: String, required: true, enum: attachmentStates })
  state!: AttachmentState;

  /** Without any path. */
  @prop({ type: String, required: true, maxlength: 255, match: /^[^/\\\0]+$/ })
  file_name!: string;

  /** What the content is, by its first bytes. */
  @prop({ type: String, required: true, maxlength: 255 })
  content_type!: string;

  /** What the client said it was. */
  @prop({ type: String, maxlength: 255 })
  declared_content_type?: string;

  @prop({ type: Number, required: true, min: 0 })
  size_bytes!: number;

  /** Hexadecimal; absent until the whole content has arrived. */
  @prop({ type: String, match: /^[0-9a-f]{64}$/ })
  sha256?: string;

  /** Where the content is; files of equal content share it. */
  @prop({ type: String, required: true, maxlength: 1_024 })
  object_key!: string;

  /** Object storage's own mark of the content. */
  @prop({ type: String, maxlength: 200 })
  etag?: string;

  @prop({ type: () => AttachmentUpload })
  upload?: AttachmentUpload;

  @prop({ type: () => AttachmentScan, required: true })
  scan!: AttachmentScan;

  @prop({ type: () => AttachmentImage })
  image?: AttachmentImage;

  /** Since when its thumbnails are to be made, because something that they need was away. */
  @prop({ type: Date })
  thumbnails_due?: Date;

  /** Code of the error for which an image has no thumbnails: it is damaged, or reading it broke a limit. */
  @prop({ type: String, maxlength: 100 })
  preview_fault?: string;

  @prop({ type: String, maxlength: 8_000 })
  description?: string;

  @prop({ type: [String], default: undefined })
  tags?: string[];

  /** What the file says about itself (page count, camera, coordinates). */
  @prop({ type: Schema.Types.Mixed })
  properties?: Record<string, unknown>;

  /** Which part of the product it came by. */
  @prop({ type: String, required: true, enum: attachmentSources })
  source!: AttachmentSource;

  @prop({ type: String, required: true })
  uploaded_by!: string;

  @prop({ type: Date, required: true })
  uploaded_at!: Date;

  @prop({ type: Number, required: true, default: 0, min: 0 })
  access_count!: number;

  /** The latest accesses, oldest first. */
  @prop({ type: () => [AttachmentAccess], default: undefined })
  recent_accesses?: AttachmentAccess[];

  /** Must be kept until then, whoever deletes it. */
  @prop({ type: Date })
  retain_until?: Date;

  /** When it was taken off its entity; the time to change one's mind counts from here. */
  @prop({ type: Date })
  detached_at?: Date;

  @prop({ type: Date })
  deleted_at?: Date;

  @prop({ type: String })
  deleted_by?: string;

  /** From then on the sweep removes content and record. */
  @prop({ type: Date })
  purge_after?: Date;

  @prop({ type: String })
  cause_id?: string;
}
