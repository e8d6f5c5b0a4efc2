import type { Stored } from '@infratraq/mongo';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';

/** The fields that find one record, whatever the collection is sharded by. */
export function identityOf({ _id, entity_type, entity_id }: Stored<AttachmentMetadata>) {
  return { _id, entity_type, entity_id };
}

/** The earliest time at which a deleted or quarantined record may be purged: after its grace and its retention. */
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
