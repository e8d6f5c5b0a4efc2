import { InfratraqError } from '@infratraq/kernel';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { AttachmentContext } from '../files/attachment-context.js';

/** Where thumbnails are in object storage, by the content that they show. */
export const thumbnailPrefix = 'thumbnails/';

/** What is to be recorded of an image: its thumbnails, why it has none, or since when it waits for them. */
type PreviewFields = Pick<AttachmentMetadata, 'image' | 'preview_fault' | 'thumbnails_due'>;

/**
 * Makes and stores the thumbnails of an image; nothing for other content. An image that cannot be read has none for good;
 * a storage or a process that fails says nothing about the image.
 */
export async function storeThumbnails(
  context: AttachmentContext,
  attachment: AttachmentMetadata,
): Promise<PreviewFields> {
  const { thumbnails: maker, objects, onError, now } = context;
  const { content_type, object_key, sha256, file_id } = attachment;
  if (!maker?.reads(content_type) || sha256 === undefined) return {};
  try {
    const { width, height, thumbnails } = await maker.preview((await objects.get(object_key)).body);
    const stored = await Promise.all(
      thumbnails.map(async ({ content, contentType, ...size }, place) => {
        const key = `${thumbnailPrefix}${sha256.slice(0, 2)}/${sha256}/${place}.webp`;
        const { sizeBytes } = await objects.put(key, content, { contentType });
        return { object_key: key, content_type: contentType, ...size, size_bytes: sizeBytes };
      }),
    );
    return { image: { width, height, thumbnails: stored } };
  } catch (error) {
    onError(error, `making thumbnails of the file ${file_id}`);
    if (!(error instanceof InfratraqError) || error.status !== 422) return { thumbnails_due: now() };
    await tellOfLimit(context, attachment, error);
    return { preview_fault: error.code };
  }
}

/** A damaged image concerns nobody; one that breaks a limit may have been made to. */
async function tellOfLimit(
  { onUnread, onError }: AttachmentContext,
  { entity_type, entity_id, file_id, version, object_key }: AttachmentMetadata,
  { code, message }: InfratraqError,
): Promise<void> {
  if (code === 'attachment.image-unreadable') return;
  try {
    await onUnread({ entity_type, entity_id, file_id, version, object_key, code, message });
  } catch (error) {
    onError(error, `telling that the file ${file_id} could not be read`);
  }
}
