import type { Stored } from '@infratraq/mongo';
import type { AttachmentContext } from './attachment-context.js';
import { addDays } from './attachment-context.js';
import type { AttachmentImage } from './attachment-metadata-parts.js';
import { AttachmentMetadata } from './attachment-metadata.js';
import type { ScanResult } from './attachment-scanner.js';

/** Where thumbnails are in object storage, by the content that they show. */
export const thumbnailPrefix = 'thumbnails/';

/**
 * Scans a stored version, and makes thumbnails of a clean image. A scanner that can't answer leaves the verdict pending,
 * so nobody can download the file, and the sweep asks again.
 */
export async function examineAttachment(
  context: AttachmentContext,
  attachment: Stored<AttachmentMetadata>,
): Promise<Stored<AttachmentMetadata>> {
  const result = await scan(context, attachment);
  if (!result) return attachment;
  const image = result.verdict === 'clean' ? await showImage(context, attachment) : undefined;
  const isInfected = result.verdict === 'infected';
  const { models, now, graceDays, publish } = context;
  const at = now();
  const examined = await models.of(AttachmentMetadata).findOneAndUpdate(
    { ...identityOf(attachment), state: 'stored', 'scan.verdict': 'pending' },
    {
      $set: {
        scan: { ...result, scanned_at: at },
        ...(image && { image }),
        ...(isInfected && {
          state: 'quarantined',
          purge_after: purgeTimeOf(attachment, addDays(at, graceDays)),
        }),
      },
    },
    { returnDocument: 'after', lean: true, runValidators: true },
  );
  if (examined && isInfected)
    publish(eventOf(attachment, 'attachment:quarantined', { at, user_id: 'system' }));
  return (examined as Stored<AttachmentMetadata> | null) ?? attachment;
}

/** The fields that find one record, whatever the collection is sharded by. */
export function identityOf({ _id, entity_type, entity_id }: Stored<AttachmentMetadata>) {
  return { _id, entity_type, entity_id };
}

/** When a record that is no longer wanted may go: after the grace, and never before its retention ends. */
export function purgeTimeOf(
  { retain_until }: Pick<AttachmentMetadata, 'retain_until'>,
  graceEnds: Date,
): Date {
  return retain_until && retain_until > graceEnds ? retain_until : graceEnds;
}

/** An event about a version. */
export function eventOf<Kind extends string>(
  { entity_type, entity_id, file_id, version, file_name }: Stored<AttachmentMetadata>,
  kind: Kind,
  rest: { at: Date; user_id: string },
) {
  return { kind, entity_type, entity_id, file_id, version, file_name, ...rest };
}

async function scan(
  { scanner, objects, onError }: AttachmentContext,
  { object_key }: AttachmentMetadata,
): Promise<ScanResult | undefined> {
  if (!scanner) return { verdict: 'clean', engine: 'none' };
  try {
    return await scanner.scan((await objects.get(object_key)).body);
  } catch (error) {
    onError(error);
    return undefined;
  }
}

async function showImage(
  { thumbnails: maker, objects, onError }: AttachmentContext,
  { content_type, object_key, sha256 }: AttachmentMetadata,
): Promise<AttachmentImage | undefined> {
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
    onError(error);
    return undefined;
  }
}
