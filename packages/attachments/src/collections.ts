export { AttachmentMetadata } from './attachment-metadata.js';
