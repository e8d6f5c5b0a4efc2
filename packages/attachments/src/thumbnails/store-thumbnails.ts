import { InfratraqError } from '@infratraq/kernel';
import type { AttachmentImage } from '../collections/attachment-metadata-parts.js';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { AttachmentContext } from '../files/attachment-context.js';

/** Where thumbnails are in object storage, by the content that they show. */
export const thumbnailPrefix = 'thumbnails/';

/**
 * Makes and stores the thumbnails of an image; undefined for anything else, and for an image that cannot be read. `later`
 * when the storage fails, which says nothing about the image.
 */
export async function storeThumbnails(
  { thumbnails: maker, objects, onError }: AttachmentContext,
  { content_type, object_key, sha256, file_id }: AttachmentMetadata,
): Promise<AttachmentImage | 'later' | undefined> {
  if (!maker?.reads(content_type) || sha256 === undefined) return undefined;
  try {
    const { width, height, thumbnails } = await maker.preview((await objects.get(object_key)).body);
    const stored = await Promise.all(
      thumbnails.map(async ({ content, contentType, ...size }, place) => {
        const key = `${thumbnailPrefix}${sha256.slice(0, 2)}/${sha256}/${place}.webp`;
        const { sizeBytes } = await objects.put(key, content, { contentType });
        return { object_key: key, content_type: contentType, ...size, size_bytes: sizeBytes };
      }),
    );
    return { width, height, thumbnails: stored };
  } catch (error) {
    onError(error, `making thumbnails of the file ${file_id}`);
    const isUnreadable = error instanceof InfratraqError && error.code === 'attachment.image-unreadable';
    return isUnreadable ? undefined : 'later';
  }
}
