import type { AttachmentOptions } from '@infratraq/attachments';
import type { Models } from '@infratraq/mongo';
import { keepContentLetter } from '../platform/keep-content-letter.js';

type UnreadFile = Parameters<NonNullable<AttachmentOptions['onUnread']>>[0];

/** Tells operators of an image that broke a limit when it was read. */
export function keepUnreadFile(
  models: Models,
  { entity_type, entity_id, file_id, version, object_key, code, message }: UnreadFile,
): Promise<void> {
  return keepContentLetter(models, {
    origin: 'file',
    target: 'reader:images',
    source_position: `${file_id}/${version}`,
    reason: { code, message },
    payload: { file_id, version, object_key },
    entity: { entity_type, entity_id },
  });
}
