export type { AttachmentEvent, AttachmentOptions } from './attachment-context.js';
export * from './attachment-metadata-parts.js';
export * from './attachment-metadata.js';
export {
  defaultAttachmentRules,
  limitsOf,
  type AttachmentLimits,
  type AttachmentRules,
} from './attachment-rules.js';
export type * from './attachment-scanner.js';
export * from './attachment-service.js';
export * from './attachment-state.js';
export * from './category.js';
export * from './clamd-scanner.js';
export * from './clean-file-name.js';
export * from './collections.js';
export * from './download-tokens.js';
export * from './lent-files.js';
export * from './make-thumbnails.js';
export * from './queries.js';
export type { AttachmentInput } from './record-attachment.js';
export * from './resumable-uploads.js';
export * from './sniff-content.js';
export * from './sweep-attachments.js';
