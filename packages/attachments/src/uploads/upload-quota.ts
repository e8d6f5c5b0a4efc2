import { InfratraqError, type EntityReference } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { AttachmentUpload } from '../collections/attachment-metadata-parts.js';
import type { AttachmentContext } from '../files/attachment-context.js';
import { partsPrefix } from './upload-parts.js';

/** What a record holds of an upload that is not stored yet. */
type UploadFields = Partial<Omit<AttachmentMetadata, 'upload'>> &
  Pick<AttachmentMetadata, 'file_name' | 'size_bytes' | 'uploaded_by'>;

const dayMilliseconds = 86_400_000;

/**
 * The bytes that a user has left, the fewer of both quotas.
 * @throws InfratraqError `attachment.quota-stored`, `attachment.quota-day` when there are none
 */
export async function findRoom(context: AttachmentContext, user: string): Promise<number> {
  const { bytesPerDay = Infinity, storedBytes = Infinity } = context.quota;
  if (bytesPerDay === Infinity && storedBytes === Infinity) return Infinity;
  const { stored, day } = await measureUse(context, user);
  if (stored >= storedBytes || day >= bytesPerDay) throw exceeded(context, stored >= storedBytes);
  return Math.min(storedBytes - stored, bytesPerDay - day);
}

/** The error for an upload that is larger than what a user has left. */
export async function explainRoom(context: AttachmentContext, user: string): Promise<InfratraqError> {
  const { bytesPerDay = Infinity, storedBytes = Infinity } = context.quota;
  const { stored, day } = await measureUse(context, user);
  return exceeded(context, storedBytes - stored <= bytesPerDay - day);
}

/**
 * Records an upload that is not stored yet, and counts it. Of uploads that begin together, each sees the others: they
 * never exceed the quota together.
 * @throws InfratraqError `attachment.quota-stored`, `attachment.quota-day`
 */
export async function beginUpload(
  context: AttachmentContext,
  { entity_type, entity_id }: EntityReference,
  {
    upload,
    ...fields
  }: UploadFields & { upload: Pick<AttachmentUpload, 'protocol'> & Partial<AttachmentUpload> },
): Promise<Stored<AttachmentMetadata>> {
  const { models, now } = context;
  const _id = new Types.ObjectId();
  const upload_id = _id.toHexString();
  const record = await models.of(AttachmentMetadata).create({
    _id,
    entity_type,
    entity_id,
    file_id: randomUUID(),
    version: 1,
    is_current: false,
    state: 'uploading',
    content_type: 'application/octet-stream',
    object_key: partsPrefix(upload_id),
    // There is nothing yet that could await a verdict.
    scan: { verdict: 'unscannable' },
    source: 'upload',
    uploaded_at: now(),
    ...fields,
    upload: { upload_id, received_bytes: 0, last_received_at: now(), ...upload },
  } as never);
  try {
    await requireQuota(context, fields.uploaded_by);
  } catch (error) {
    await endUpload(context, { _id, entity_type, entity_id });
    throw error;
  }
  return (record as unknown as { toObject(): Stored<AttachmentMetadata> }).toObject();
}

/** Removes the record of an upload that is not stored; answers whether it was there. */
export async function endUpload(
  { models }: Pick<AttachmentContext, 'models'>,
  { _id, entity_type, entity_id }: Pick<Stored<AttachmentMetadata>, '_id' | 'entity_type' | 'entity_id'>,
): Promise<boolean> {
  const { deletedCount } = await models
    .of(AttachmentMetadata)
    .deleteOne({ _id, entity_type, entity_id, state: 'uploading' });
  return deletedCount > 0;
}

async function requireQuota(context: AttachmentContext, user: string): Promise<void> {
  const { bytesPerDay = Infinity, storedBytes = Infinity } = context.quota;
  if (bytesPerDay === Infinity && storedBytes === Infinity) return;
  const { stored, day } = await measureUse(context, user);
  if (stored > storedBytes || day > bytesPerDay) throw exceeded(context, stored > storedBytes);
}

async function measureUse({ models, now }: AttachmentContext, user: string) {
  const since = new Date(now().getTime() - dayMilliseconds);
  const [found] = await models
    .of(AttachmentMetadata)
    .aggregate<{ stored: number; day: number }>([
      { $match: { uploaded_by: user } },
      {
        $group: {
          _id: null,
          stored: { $sum: '$size_bytes' },
          day: { $sum: { $cond: [{ $gt: ['$uploaded_at', since] }, '$size_bytes', 0] } },
        },
      },
    ])
    .read('primary');
  return found ?? { stored: 0, day: 0 };
}

function exceeded({ quota }: AttachmentContext, isStored: boolean): InfratraqError {
  if (isStored)
    return new InfratraqError(
      'attachment.quota-stored',
      `Your files may hold ${quota.storedBytes} bytes altogether; delete some, or ask an operator for more`,
      { status: 413 },
    );
  return new InfratraqError(
    'attachment.quota-day',
    `You may upload ${quota.bytesPerDay} bytes in 24 hours; go on later`,
    { status: 429, retryAfterMilliseconds: 3_600_000 },
  );
}
