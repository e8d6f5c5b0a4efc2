import { ConflictError, currentActor, type EntityReference } from '@infratraq/kernel';
import { isDuplicateKey, type Stored, trusted } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { addDays, type AttachmentContext } from '../files/attachment-context.js';
import type { AttachmentInput } from '../files/attachment-input.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { limitsOf } from '../files/attachment-rules.js';
import { listAttachmentsOfContent, listVersionsOfFile } from '../collections/attachment-metadata.queries.js';
import type { ReceivedContent } from '../uploads/receive-content.js';

/** A version to record. */
export interface NewVersion {
  readonly entity: EntityReference;
  /** The file of which it is the next version, or a new file's id. */
  readonly file_id: string;
  readonly input: AttachmentInput;
  readonly file_name: string;
}

const versionAttempts = 20;

/**
 * The fields of a version whose content has arrived. Content that is attached somewhere already is not kept twice: the
 * new record refers to the object that is there.
 */
export async function describeVersion(
  { models, rules, now }: AttachmentContext,
  { entity, input, file_name }: NewVersion,
  content: ReceivedContent,
) {
  const uploaded_at = now();
  const { retainDays } = limitsOf(rules, entity.entity_type);
  const same = await models.find(listAttachmentsOfContent, { sha256: content.sha256 }, { limit: 20 });
  // A deleted one may be purged at any moment and lends its content to nobody.
  const lender = same.find(({ state }) => state === 'stored');
  const { object_key, etag } = lender ?? content;
  const { declared_content_type, description } = input;
  const cause_id = currentActor()?.cause_id;
  return {
    entity_type: entity.entity_type,
    entity_id: entity.entity_id,
    is_current: true,
    state: 'stored' as const,
    file_name,
    content_type: content.content_type,
    ...(declared_content_type !== undefined && {
      declared_content_type: declared_content_type.slice(0, 255),
    }),
    size_bytes: content.size_bytes,
    sha256: content.sha256,
    object_key,
    ...(etag !== undefined && { etag }),
    scan: { verdict: 'pending' as const },
    ...(description !== undefined && { description }),
    source: input.source ?? ('upload' as const),
    uploaded_by: input.uploaded_by,
    uploaded_at,
    access_count: 0,
    ...(retainDays && { retain_until: addDays(uploaded_at, retainDays) }),
    ...(cause_id !== undefined && { cause_id }),
  };
}

/**
 * Makes a version the next and current one of its file. `write` stores it under the number that it is given; a number
 * that another writer has taken meanwhile is tried again with the next.
 */
export async function appendVersion(
  { models }: AttachmentContext,
  { entity, file_id }: Pick<NewVersion, 'entity' | 'file_id'>,
  write: (version: number) => Promise<Stored<AttachmentMetadata>>,
): Promise<Stored<AttachmentMetadata>> {
  const { entity_type, entity_id } = entity;
  for (let attempt = 1; attempt <= versionAttempts; attempt += 1) {
    const versions = await models.find(listVersionsOfFile, { entity_type, entity_id, file_id });
    const version = (versions.at(-1)?.version ?? 0) + 1;
    try {
      const written = await write(version);
      // In this order a crash in between leaves two current versions, of which the later one counts; in the other
      // order it would leave none.
      await models
        .of(AttachmentMetadata)
        .updateMany(
          { entity_type, entity_id, file_id, is_current: true, version: trusted({ $lt: version }) },
          { $set: { is_current: false } },
        );
      return written;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
  throw new ConflictError(
    'Others keep adding versions of this file; try again',
    'attachment.version-contended',
  );
}

/** Stores a new record of a version. */
export async function insertVersion(
  { models }: AttachmentContext,
  fields: Awaited<ReturnType<typeof describeVersion>>,
  identity: { file_id: string; version: number },
): Promise<Stored<AttachmentMetadata>> {
  const document = await models
    .of(AttachmentMetadata)
    .create({ _id: new Types.ObjectId(), ...identity, ...fields } as never);
  return (document as unknown as { toObject(): Stored<AttachmentMetadata> }).toObject();
}
