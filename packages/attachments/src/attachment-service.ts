import { ForbiddenError, NotFoundError, type Actor, type EntityReference } from '@infratraq/kernel';
import type { Page, Stored } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  addDays,
  completeContext,
  type AttachmentContext,
  type AttachmentOptions,
} from './attachment-context.js';
import { AttachmentMetadata } from './attachment-metadata.js';
import type { AttachmentAccess, AttachmentThumbnail } from './attachment-metadata-parts.js';
import { limitsOf } from './attachment-rules.js';
import { assertDownloadable } from './assert-downloadable.js';
import { cleanFileName } from './clean-file-name.js';
import { eventOf, examineAttachment, identityOf, purgeTimeOf } from './examine-attachment.js';
import { listAttachmentsOfEntity, listVersionsOfFile } from './queries.js';
import { receiveContent } from './receive-content.js';
import { appendVersion, describeVersion, insertVersion, type AttachmentInput } from './record-attachment.js';

/** Names one file of an entity; a file is not found under any other entity. */
export interface FileReference extends EntityReference {
  readonly file_id: string;
}

const keptAccesses = 50;
const partMilliseconds = 3_600_000;

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
   * @throws InfratraqError `attachment.too-large`, `attachment.type-refused`, `attachment.name.invalid`, `attachment.empty`,
   * `object.checksum`; NotFoundError `attachment.not-found` for a `file_id` that isn't there
   */
  async attach(
    { entity_type, entity_id }: EntityReference,
    content: Readable,
    input: AttachmentInput & {
      file_id?: string | undefined;
      sha256?: string | undefined;
      /** Has the last word once the content is stored; when it throws, nothing is recorded and nothing left. */
      confirm?: () => Promise<void>;
    },
  ): Promise<Stored<AttachmentMetadata>> {
    const context = this.#context;
    const entity = { entity_type, entity_id };
    const { file_id = randomUUID(), sha256 } = input;
    const file_name = cleanFileName(input.file_name);
    if (input.file_id !== undefined) await this.current({ ...entity, file_id });
    const received = await receiveContent(context.objects, content, limitsOf(context.rules, entity_type), {
      sha256,
    });
    const discard = () => context.objects.delete(received.object_key);
    let stored: Stored<AttachmentMetadata>;
    try {
      await input.confirm?.();
      const fields = await describeVersion(context, { entity, file_id, input, file_name }, received);
      stored = await appendVersion(context, { entity, file_id }, (version) =>
        insertVersion(context, fields, { file_id, version }),
      );
    } catch (error) {
      await discard();
      throw error;
    }
    if (stored.object_key !== received.object_key) await discard();
    return this.welcome(stored);
  }

  /** Tells the world of a version that was just recorded, and examines it. */
  async welcome(stored: Stored<AttachmentMetadata>): Promise<Stored<AttachmentMetadata>> {
    const { uploaded_by: user_id, uploaded_at: at } = stored;
    this.#context.publish(eventOf(stored, 'attachment:stored', { at, user_id }));
    return examineAttachment(this.#context, stored);
  }

  /** The current versions of an entity's files, newest first. */
  async list(
    { entity_type, entity_id }: EntityReference,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Stored<AttachmentMetadata>>> {
    const { items, next_cursor } = await this.#context.models.page(
      listAttachmentsOfEntity,
      { entity_type, entity_id },
      page,
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

  /** The smallest thumbnail that is at least so many pixels wide, else the largest. */
  async thumbnail(file: FileReference, width: number, version?: number): Promise<AttachmentThumbnail> {
    const { image } = await this.downloadable(file, version);
    const sizes = image?.thumbnails?.toSorted((left, right) => left.width - right.width) ?? [];
    const fitting = sizes.find((size) => size.width >= width) ?? sizes.at(-1);
    if (!fitting) throw new NotFoundError('This file has no thumbnails', 'attachment.no-thumbnail');
    return fitting;
  }

  /** Notes that somebody got at a file; a player asks for many parts of one, and the first one counts for an hour. */
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
   * Takes a file with all its versions off its entity; until the grace and its retention are over it can be restored.
   * @throws ForbiddenError `attachment.not-yours` unless the actor uploaded it or is an operator
   */
  async remove(
    file: FileReference,
    actor: Pick<Actor, 'user_id' | 'roles'>,
  ): Promise<Stored<AttachmentMetadata>[]> {
    const { now, graceDays, models, publish } = this.#context;
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

  /** Brings a deleted file back with all its versions. */
  async restore(
    file: FileReference,
    actor: Pick<Actor, 'user_id' | 'roles'>,
  ): Promise<Stored<AttachmentMetadata>[]> {
    const { now, models, publish } = this.#context;
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

function assertMayChange(
  versions: readonly Stored<AttachmentMetadata>[],
  { user_id, roles }: Pick<Actor, 'user_id' | 'roles'>,
): void {
  const isOperator = roles.includes('operator') || roles.includes('admin');
  if (!isOperator && !versions.some(({ uploaded_by }) => uploaded_by === user_id))
    throw new ForbiddenError('Only who uploaded a file or an operator may do this', 'attachment.not-yours');
}
