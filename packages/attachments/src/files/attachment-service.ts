import {
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  type Actor,
  type EntityReference,
} from '@infratraq/kernel';
import type { Page, PageRequest, Stored } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import {
  addDays,
  completeContext,
  type AttachmentContext,
  type AttachmentOptions,
} from './attachment-context.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import type { AttachmentAccess, AttachmentThumbnail } from '../collections/attachment-metadata-parts.js';
import { isDownloadable } from '../collections/attachment-state.js';
import { isTooLarge, limitsOf } from './attachment-rules.js';
import { assertDownloadable } from '../downloads/assert-downloadable.js';
import { nameCleanly } from './clean-file-name.js';
import { examineAttachment } from '../examination/examine-attachment.js';
import { eventOf, identityOf, purgeTimeOf } from '../versions/identify-version.js';
import {
  listAttachmentsById,
  listAttachmentsOfEntity,
  listVersionsOfFile,
} from '../collections/attachment-metadata.queries.js';
import { beginUpload, endUpload, explainRoom, findRoom } from '../uploads/upload-quota.js';
import { receiveContent } from '../uploads/receive-content.js';
import { appendVersion, describeVersion, insertVersion } from '../versions/record-version.js';
import { attachmentInputSchema, type AttachmentInput } from './attachment-input.js';
import { checkInput, entitySchema, fileSchema, versionSchema, type FileReference } from './file-reference.js';

const actorSchema = z.object({
  user_id: z.string().min(1),
  roles: z.array(z.string()).readonly(),
  moderates: z.boolean().optional(),
});
const keptAccesses = 50;
const partMilliseconds = 3_600_000;

/** Who deletes or restores a file. */
export interface FileChanger extends Pick<Actor, 'user_id' | 'roles'> {
  /** A manager of the entity, who may do so with everybody's files. */
  readonly moderates?: boolean;
}

/** Files on any entity: uploads, versions, downloads, deletion with a grace in which it can be undone. */
export class AttachmentService {
  readonly #context: AttachmentContext;

  constructor(options: AttachmentOptions) {
    this.#context = completeContext(options);
  }

  get objects(): ObjectStore {
    return this.#context.objects;
  }

  /** The largest file that entities of a type take, in bytes. */
  maximumBytes(entityType: string): number {
    return limitsOf(this.#context.rules, entityType).maximumBytes;
  }

  /**
   * Attaches content to an entity: as a new file, or as the next version of `file_id`. It is recorded only once all of it
   * is in object storage and its checksum agrees; whatever fails before leaves nothing.
   * @throws InfratraqError `attachment.too-large`, `attachment.quota-stored`, `attachment.quota-day`, `attachment.type-refused`, `attachment.name.invalid`, `attachment.empty`,
   * `object.checksum`; NotFoundError `attachment.not-found` for a `file_id` that isn't there
   */
  async attach(
    { entity_type, entity_id }: EntityReference,
    content: Readable | Uint8Array | string,
    input: AttachmentInput & {
      /** Called once the content is stored; when it throws, nothing is recorded and nothing is left. */
      confirm?: () => Promise<void>;
    },
  ): Promise<Stored<AttachmentMetadata>> {
    const context = this.#context;
    const entity = checkInput(entitySchema, { entity_type, entity_id });
    const {
      file_id = randomUUID(),
      sha256,
      file_name,
    } = checkInput(attachmentInputSchema, nameCleanly(input));
    if (input.file_id !== undefined) await this.current({ ...entity, file_id });
    const room = await findRoom(context, input.uploaded_by);
    const limits = limitsOf(context.rules, entity_type);
    const maximumBytes = Math.min(limits.maximumBytes, room);
    const received = await receiveContent(
      context.objects,
      openContent(content),
      { ...limits, maximumBytes },
      { sha256 },
    ).catch(async (error: unknown) => {
      const isOverQuota = maximumBytes < limits.maximumBytes && isTooLarge(error);
      throw isOverQuota ? await explainRoom(context, input.uploaded_by) : error;
    });
    const discard = () => context.objects.delete(received.object_key);
    let stored: Stored<AttachmentMetadata>;
    let counted: Stored<AttachmentMetadata> | undefined;
    try {
      await input.confirm?.();
      // Counted before it is a file that others see.
      if (room < Infinity)
        counted = await beginUpload(context, entity, {
          file_name,
          size_bytes: received.size_bytes,
          uploaded_by: input.uploaded_by,
          upload: { protocol: 'multipart', received_bytes: received.size_bytes },
        });
      const fields = await describeVersion(context, { entity, file_id, input, file_name }, received);
      stored = await appendVersion(context, { entity, file_id }, (version) =>
        insertVersion(context, fields, { file_id, version }),
      );
    } catch (error) {
      await discard();
      throw error;
    } finally {
      if (counted) await endUpload(context, counted);
    }
    if (stored.object_key !== received.object_key) await discard();
    return this.announceAndScan(stored);
  }

  /** Publishes that a version was recorded, and examines it. */
  async announceAndScan(stored: Stored<AttachmentMetadata>): Promise<Stored<AttachmentMetadata>> {
    const { uploaded_by: user_id, uploaded_at: at } = stored;
    this.#context.publish(eventOf(stored, 'attachment:stored', { at, user_id }));
    return examineAttachment(this.#context, stored);
  }

  /** The current versions of an entity's files, newest first. */
  async list(
    { entity_type, entity_id }: EntityReference,
    page?: PageRequest,
  ): Promise<Page<Stored<AttachmentMetadata>>> {
    checkInput(entitySchema, { entity_type, entity_id });
    const { items, next_cursor } = await this.#context.models.page(
      listAttachmentsOfEntity,
      { entity_type, entity_id },
      page,
      { omit: ['recent_accesses', 'properties', 'upload'] },
    );
    // A writer that died between two steps leaves two current versions; the later one counts.
    const latest = new Map<string, number>();
    for (const { file_id, version } of items)
      latest.set(file_id, Math.max(version, latest.get(file_id) ?? 0));
    return { items: items.filter((item) => latest.get(item.file_id) === item.version), next_cursor };
  }

  /**
   * All versions of a file, the first one first; those of a deleted file only if asked for.
   * @throws NotFoundError `attachment.not-found`
   */
  async versions(
    { entity_type, entity_id, file_id }: FileReference,
    { deleted = false }: { deleted?: boolean } = {},
  ): Promise<Stored<AttachmentMetadata>[]> {
    checkInput(fileSchema, { entity_type, entity_id, file_id });
    const found = await this.#context.models.find(listVersionsOfFile, { entity_type, entity_id, file_id });
    const versions = found.filter(
      ({ state, deleted_at }) => state !== 'uploading' && (deleted_at !== undefined) === deleted,
    );
    if (versions.length === 0)
      throw new NotFoundError(
        `There is no ${deleted ? 'deleted ' : ''}file ${file_id} here`,
        'attachment.not-found',
      );
    return versions;
  }

  /** A version of a file, the current one unless a number is given. */
  async current(file: FileReference, version?: number): Promise<Stored<AttachmentMetadata>> {
    checkInput(versionSchema, version);
    const versions = await this.versions(file);
    const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
    if (!found)
      throw new NotFoundError(`File ${file.file_id} has no version ${version}`, 'attachment.not-found');
    return found;
  }

  /**
   * A version that may be downloaded.
   * @throws ConflictError `attachment.scan-pending`; ForbiddenError `attachment.quarantined`
   */
  async downloadable(file: FileReference, version?: number): Promise<Stored<AttachmentMetadata>> {
    const found = await this.current(file, version);
    assertDownloadable(found);
    return found;
  }

  /** The current versions of those of these files that exist and may be downloaded, whatever they belong to. */
  async find(file_ids: readonly string[]): Promise<Stored<AttachmentMetadata>[]> {
    const found = await this.#context.models.find(listAttachmentsById, { file_ids });
    return found.filter(isDownloadable);
  }

  /** The smallest thumbnail that is at least so many pixels wide, else the largest. */
  async thumbnail(file: FileReference, width: number, version?: number): Promise<AttachmentThumbnail> {
    checkInput(z.number().positive(), width);
    const { image } = await this.downloadable(file, version);
    const sizes = image?.thumbnails?.toSorted((left, right) => left.width - right.width) ?? [];
    const fitting = sizes.find((size) => size.width >= width) ?? sizes.at(-1);
    if (!fitting) throw new NotFoundError('This file has no thumbnails', 'attachment.no-thumbnail');
    return fitting;
  }

  /** Records an access. Of many range requests for one file, the first within an hour is recorded. */
  async recordAccess(
    attachment: Stored<AttachmentMetadata>,
    { user_id, action, ip_address, is_part }: Omit<AttachmentAccess, 'at'> & { is_part?: boolean },
  ): Promise<void> {
    const { models, now, publish } = this.#context;
    const at = now();
    const isSame = (before: AttachmentAccess) => before.user_id === user_id && before.action === action;
    const last = attachment.recent_accesses?.findLast(isSame)?.at.getTime() ?? -Infinity;
    if (is_part && at.getTime() - last < partMilliseconds) return;
    const access = { user_id, at, action, ...(ip_address !== undefined && { ip_address }) };
    await models.of(AttachmentMetadata).updateOne(identityOf(attachment), {
      $inc: { access_count: 1 },
      $push: { recent_accesses: { $each: [access], $slice: -keptAccesses } },
    });
    publish({ ...eventOf(attachment, 'attachment:accessed', { at, user_id }), action });
  }

  /**
   * Deletes a file with all its versions. It can be restored until its grace and its retention are over.
   * @throws ForbiddenError `attachment.not-yours` unless the actor owns the file, moderates or is an operator
   */
  async remove(file: FileReference, actor: FileChanger): Promise<Stored<AttachmentMetadata>[]> {
    const { now, graceDays, models, publish } = this.#context;
    checkInput(actorSchema, actor);
    const versions = await this.versions(file);
    assertMayChange(versions, actor);
    const at = now();
    for (const version of versions)
      await models.of(AttachmentMetadata).updateOne(
        { ...identityOf(version), state: version.state },
        {
          $set: {
            ...(version.state === 'stored' && { state: 'deleted' }),
            detached_at: at,
            deleted_at: at,
            deleted_by: actor.user_id,
            purge_after: purgeTimeOf(version, addDays(at, graceDays)),
          },
        },
      );
    const last = versions.at(-1) as Stored<AttachmentMetadata>;
    publish(eventOf(last, 'attachment:deleted', { at, user_id: actor.user_id }));
    return this.versions(file, { deleted: true });
  }

  /** Restores a deleted file with all its versions. */
  async restore(file: FileReference, actor: FileChanger): Promise<Stored<AttachmentMetadata>[]> {
    const { now, models, publish } = this.#context;
    checkInput(actorSchema, actor);
    const versions = await this.versions(file, { deleted: true });
    assertMayChange(versions, actor);
    for (const version of versions) {
      const isQuarantined = version.state === 'quarantined';
      await models.of(AttachmentMetadata).updateOne(identityOf(version), {
        $set: { ...(!isQuarantined && { state: 'stored' }) },
        $unset: { detached_at: 1, deleted_at: 1, deleted_by: 1, ...(!isQuarantined && { purge_after: 1 }) },
      });
    }
    const last = versions.at(-1) as Stored<AttachmentMetadata>;
    publish(eventOf(last, 'attachment:restored', { at: now(), user_id: actor.user_id }));
    return this.versions(file);
  }
}

/** The owner uploaded the first version; those who add later ones own nothing. */
function assertMayChange(
  versions: readonly Stored<AttachmentMetadata>[],
  { user_id, roles, moderates }: FileChanger,
): void {
  if (moderates || roles.includes('operator') || roles.includes('admin')) return;
  if (versions[0]?.uploaded_by !== user_id)
    throw new ForbiddenError("Only the file's owner or a manager may do this", 'attachment.not-yours');
}

function openContent(content: Readable | Uint8Array | string): Readable {
  if (typeof content === 'string' || content instanceof Uint8Array)
    return Readable.from([Buffer.from(content)], { objectMode: false });
  if (content instanceof Readable) return content;
  throw new InvalidInputError('Attach a stream, bytes or text', {
    code: 'attachment.invalid',
    errors: [{ path: '/content', message: 'is no stream, no bytes and no text' }],
  });
}
