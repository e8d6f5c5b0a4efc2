import type { Stored } from '@infratraq/mongo';
import { addDays, type AttachmentContext } from '../files/attachment-context.js';
import { storeThumbnails } from '../thumbnails/store-thumbnails.js';
import { eventOf, identityOf, purgeTimeOf } from '../versions/identify-version.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { ScanResult } from './attachment-scanner.js';

/**
 * Scans a stored version, and makes thumbnails of a clean image. A scanner that can't answer leaves the verdict pending,
 * so nobody can download the file, and it is asked again.
 */
export async function examineAttachment(
  context: AttachmentContext,
  attachment: Stored<AttachmentMetadata>,
): Promise<Stored<AttachmentMetadata>> {
  const result = await scan(context, attachment);
  if (!result) {
    context.onUnexamined();
    return attachment;
  }
  const preview = result.verdict === 'clean' ? await storeThumbnails(context, attachment) : {};
  if (preview.thumbnails_due) context.onUnexamined();
  const isInfected = result.verdict === 'infected';
  const { models, now, graceDays, publish } = context;
  const at = now();
  const examined = await models.of(AttachmentMetadata).findOneAndUpdate(
    { ...identityOf(attachment), state: 'stored', 'scan.verdict': 'pending' },
    {
      $set: {
        scan: { ...result, scanned_at: at },
        ...preview,
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

async function scan(
  { scanner, objects, onError }: AttachmentContext,
  { object_key, file_id }: AttachmentMetadata,
): Promise<ScanResult | undefined> {
  if (!scanner) return { verdict: 'clean', engine: 'none' };
  try {
    return await scanner.scan((await objects.get(object_key)).body);
  } catch (error) {
    onError(error, `scanning the file ${file_id}`);
    return undefined;
  }
}
