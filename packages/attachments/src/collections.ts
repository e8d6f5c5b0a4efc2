export { AttachmentMetadata } from './collections/attachment-metadata.js';
