import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { AttachmentMetadata } from './attachment-metadata.js';

/** The current versions of an entity's files, newest first; deleted files are not among them. */
export const listAttachmentsOfEntity = defineQuery(AttachmentMetadata, {
  example: { entity_type: 'inspections', entity_id: '9' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({
    filter: { entity_type, entity_id, is_current: true, deleted_at: { $exists: false } },
    sort: { uploaded_at: -1 },
  }),
});

/** All versions of a file, the first one first. */
export const listVersionsOfFile = defineQuery(AttachmentMetadata, {
  example: { entity_type: 'inspections', entity_id: '9', file_id: 'f-1' },
  shape: ({ entity_type, entity_id, file_id }: EntityReference & { file_id: string }) => ({
    filter: { entity_type, entity_id, file_id },
    sort: { version: 1 },
  }),
});

/** The current versions of files, whatever they belong to. */
export const listAttachmentsById = defineQuery(AttachmentMetadata, {
  example: { file_ids: ['f-1'] },
  shape: ({ file_ids }: { file_ids: readonly string[] }) => ({
    filter: { file_id: { $in: [...file_ids] }, is_current: true, deleted_at: { $exists: false } },
  }),
});

/** Files of equal content: the content is stored once, and removed with the last of them. */
export const listAttachmentsOfContent = defineQuery(AttachmentMetadata, {
  example: { sha256: '0'.repeat(64) },
  shape: ({ sha256 }: { sha256: string }) => ({ filter: { sha256 } }),
});

/** The records that refer to an object in storage; none means that the object is an orphan. */
export const listAttachmentsOfObject = defineQuery(AttachmentMetadata, {
  example: { object_key: 'attachments/00/0000' },
  shape: ({ object_key }: { object_key: string }) => ({ filter: { object_key } }),
});

/** What a person uploaded, newest first. */
export const listAttachmentsOfUploader = defineQuery(AttachmentMetadata, {
  example: { uploaded_by: 'u-1' },
  shape: ({ uploaded_by }: { uploaded_by: string }) => ({
    filter: { uploaded_by },
    sort: { uploaded_at: -1 },
  }),
});

/** Uploads that have received nothing since `before`, the longest silent first. */
export const listStalledUploads = defineQuery(AttachmentMetadata, {
  example: { before: new Date('2026-01-01') },
  shape: ({ before }: { before: Date }) => ({
    filter: { 'upload.last_received_at': { $exists: true, $lt: before } },
    sort: { 'upload.last_received_at': 1 },
  }),
});

/** Stored files without a verdict, the oldest first; a deleted one waits until it is restored. */
export const listAttachmentsAwaitingScan = defineQuery(AttachmentMetadata, {
  example: {},
  shape: () => ({ filter: { 'scan.verdict': 'pending', state: 'stored' }, sort: { uploaded_at: 1 } }),
});

/** Stored images whose thumbnails are still to be made, the longest due first. */
export const listAttachmentsAwaitingThumbnails = defineQuery(AttachmentMetadata, {
  example: {},
  shape: () => ({
    filter: { thumbnails_due: { $exists: true }, state: 'stored' },
    sort: { thumbnails_due: 1 },
  }),
});

/** Deleted and detached files whose grace is over, the longest due first. */
export const listPurgeableAttachments = defineQuery(AttachmentMetadata, {
  example: { now: new Date('2026-01-01') },
  shape: ({ now }: { now: Date }) => ({
    filter: { purge_after: { $exists: true, $lte: now } },
    sort: { purge_after: 1 },
  }),
});
