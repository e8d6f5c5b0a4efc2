import { ConflictError, ForbiddenError } from '@infratraq/kernel';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { isDownloadable } from '../collections/attachment-state.js';

/**
 * Refuses the download of a file that is not found clean.
 * @throws ConflictError `attachment.scan-pending`; ForbiddenError `attachment.quarantined`, `attachment.unscannable`
 */
export function assertDownloadable(attachment: Pick<AttachmentMetadata, 'state' | 'scan'>): void {
  if (isDownloadable(attachment)) return;
  const { state, scan } = attachment;
  if (state === 'quarantined' || scan.verdict === 'infected')
    throw new ForbiddenError('Malware was found in this file', 'attachment.quarantined');
  if (scan.verdict === 'unscannable')
    throw new ForbiddenError(
      'The scanner could not look into this file; an operator decides',
      'attachment.unscannable',
    );
  throw new ConflictError('The file is being scanned; try again in a moment', 'attachment.scan-pending');
}
