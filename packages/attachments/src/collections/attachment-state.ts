import type { ScanVerdict } from './attachment-metadata-parts.js';

/** Where a version of a file is in its life. */
export const attachmentStates = ['uploading', 'stored', 'quarantined', 'deleted'] as const;
export type AttachmentState = (typeof attachmentStates)[number];

/** States that may follow each state; a deleted file can be restored until it is purged. */
const attachmentLifecycle: Readonly<Record<AttachmentState, readonly AttachmentState[]>> = {
  uploading: ['stored', 'deleted'],
  stored: ['quarantined', 'deleted'],
  quarantined: ['stored', 'deleted'],
  deleted: ['stored'],
};

/** Tells whether a version in `from` may become `to`. */
export function movesAttachment(from: AttachmentState, to: AttachmentState): boolean {
  return attachmentLifecycle[from].includes(to);
}

/** Tells whether anybody may download a version: it is stored, and the scanner found it clean. */
export function isDownloadable(attachment: {
  state: AttachmentState;
  scan: { verdict: ScanVerdict };
}): boolean {
  return attachment.state === 'stored' && attachment.scan.verdict === 'clean';
}
