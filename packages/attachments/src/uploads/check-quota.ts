import { DefinitionError } from '@infratraq/kernel';

/** How much one user may upload; without limit where a number is absent. */
export interface UploadQuota {
  /** In any 24 hours. */
  readonly bytesPerDay?: number | undefined;
  /** Altogether, deleted files included until they are purged. */
  readonly storedBytes?: number | undefined;
}

/** @throws DefinitionError `definition.upload-quota` */
export function checkQuota(quota: UploadQuota): UploadQuota {
  for (const bytes of [quota.bytesPerDay, quota.storedBytes])
    if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0))
      throw new DefinitionError('attachments', 'upload-quota', 'Give a quota of 1 byte or more');
  return quota;
}
