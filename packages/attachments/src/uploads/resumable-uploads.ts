import {
  ConflictError,
  currentActor,
  InfratraqError,
  NotFoundError,
  type EntityReference,
} from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import type { ObjectHead } from '@infratraq/objects';
import { Readable } from 'node:stream';
import { Types } from 'mongoose';
import { z } from 'zod';
import {
  completeContext,
  type AttachmentContext,
  type AttachmentOptions,
} from '../files/attachment-context.js';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { limitsOf, tooLarge } from '../files/attachment-rules.js';
import { attachmentInputSchema, type AttachmentInput } from '../files/attachment-input.js';
import type { AttachmentService } from '../files/attachment-service.js';
import { checkInput, entitySchema } from '../files/file-reference.js';
import { nameCleanly } from '../files/clean-file-name.js';
import { receiveContent } from './receive-content.js';
import { appendVersion, describeVersion } from '../versions/record-version.js';
import { beginUpload, endUpload } from './upload-quota.js';
import { chainParts, partKey, partsPrefix } from './upload-parts.js';

/** Names one upload of one person. */
export interface UploadReference extends EntityReference {
  readonly upload_id: string;
  /** The only user who may see or continue it. */
  readonly uploaded_by: string;
}

/** An upload that can be resumed, or that has become a file. */
export interface ResumableUpload {
  readonly record: Stored<AttachmentMetadata>;
  readonly received_bytes: number;
  readonly size_bytes: number;
  readonly isComplete: boolean;
}

const begunSchema = attachmentInputSchema.extend({ size_bytes: z.int().min(1) });
const referenceSchema = entitySchema.extend({ upload_id: z.string(), uploaded_by: z.string() });

/** How much of an upload is held in memory; also the most that a broken connection can lose. */
const blockBytes = 4 * 1024 * 1024;

/**
 * Uploads that arrive in pieces, over several connections and through any process. Pieces are objects of their own until
 * the last has come; then they become a file like any other.
 */
export class ResumableUploads {
  readonly #context: AttachmentContext;
  readonly #attachments: AttachmentService;

  constructor(options: AttachmentOptions & { attachments: AttachmentService }) {
    this.#context = completeContext(options);
    this.#attachments = options.attachments;
  }

  /**
   * Begins an upload of a new file, or of the next version of `file_id`.
   * @throws InfratraqError `attachment.too-large`, `attachment.quota-stored`, `attachment.quota-day`; NotFoundError
   * `attachment.not-found`
   */
  async begin(
    { entity_type, entity_id }: EntityReference,
    input: AttachmentInput & { size_bytes: number },
  ): Promise<string> {
    const { rules } = this.#context;
    checkInput(entitySchema, { entity_type, entity_id });
    const { file_name } = checkInput(begunSchema, nameCleanly(input));
    const limits = limitsOf(rules, entity_type);
    if (input.size_bytes > limits.maximumBytes) throw tooLarge(limits);
    if (input.file_id !== undefined)
      await this.#attachments.current({ entity_type, entity_id, file_id: input.file_id });
    const cause_id = currentActor()?.cause_id;
    const { declared_content_type, description } = input;
    const { _id } = await beginUpload(
      this.#context,
      { entity_type, entity_id },
      {
        file_name,
        ...(declared_content_type !== undefined && {
          declared_content_type: declared_content_type.slice(0, 255),
        }),
        ...(description !== undefined && { description }),
        size_bytes: input.size_bytes,
        source: input.source ?? 'upload',
        uploaded_by: input.uploaded_by,
        ...(cause_id !== undefined && { cause_id }),
        upload: {
          protocol: 'tus',
          ...(input.file_id !== undefined && { next_of: input.file_id }),
          ...(input.sha256 !== undefined && { announced_sha256: input.sha256 }),
        },
      },
    );
    return _id.toHexString();
  }

  /** @throws NotFoundError `attachment.upload-not-found` */
  async find({ entity_type, entity_id, upload_id, uploaded_by }: UploadReference): Promise<ResumableUpload> {
    checkInput(referenceSchema, { entity_type, entity_id, upload_id, uploaded_by });
    const record = /^[0-9a-f]{24}$/.test(upload_id)
      ? await this.#context.models
          .of(AttachmentMetadata)
          .findOne({ _id: new Types.ObjectId(upload_id), entity_type, entity_id, uploaded_by })
          .lean()
      : null;
    if (!record)
      throw new NotFoundError(`There is no upload ${upload_id} of yours here`, 'attachment.upload-not-found');
    const { size_bytes, upload } = record;
    const isComplete = record.state !== 'uploading';
    return {
      record: record as Stored<AttachmentMetadata>,
      size_bytes,
      isComplete,
      received_bytes: isComplete ? size_bytes : (upload?.received_bytes ?? 0),
    };
  }

  /**
   * Appends bytes to an upload and returns the new offset. Bytes that arrive before a connection breaks are kept.
   * @throws ConflictError `attachment.upload-offset` when another writer was quicker
   */
  async append(reference: UploadReference, content: Readable, offset: number): Promise<number> {
    checkInput(z.int().min(0), offset);
    const upload = await this.find(reference);
    if (upload.isComplete || upload.received_bytes !== offset) throw wrongOffset(upload.received_bytes);
    let at = offset;
    let block: Buffer[] = [];
    let bytes = 0;
    const flush = async () => {
      if (bytes > 0) at = await this.#storePart(upload, Buffer.concat(block), at);
      block = [];
      bytes = 0;
    };
    let broken: unknown;
    try {
      for await (const chunk of content) {
        block.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (at + bytes > upload.size_bytes) throw tooMuch(upload.size_bytes);
        if (bytes >= blockBytes) await flush();
      }
    } catch (error) {
      if (error instanceof InfratraqError) throw error;
      broken = error;
    }
    await flush();
    if (broken !== undefined && at === offset) throw broken;
    return at;
  }

  /**
   * Turns a complete upload into a file. Calling it again is harmless. An upload with refused content ends.
   * @throws what {@link AttachmentService.attach} throws
   */
  async complete(reference: UploadReference): Promise<Stored<AttachmentMetadata>> {
    const { record, isComplete, received_bytes, size_bytes } = await this.find(reference);
    if (isComplete) return record;
    if (received_bytes !== size_bytes) throw wrongOffset(received_bytes);
    const { objects, rules } = this.#context;
    const { upload, entity_type } = record;
    const content = Readable.from(this.#readParts(reference.upload_id, size_bytes), { objectMode: false });
    const received = await receiveContent(objects, content, limitsOf(rules, entity_type), {
      sha256: upload?.announced_sha256,
    }).catch(async (error: unknown) => {
      if (error instanceof InfratraqError && error.status < 500) await this.discard(record);
      throw error;
    });
    let stored: Stored<AttachmentMetadata>;
    try {
      stored = await this.#record(record, received);
    } catch (error) {
      await objects.delete(received.object_key);
      // Another process may have completed the upload at the same moment.
      const now = await this.find(reference);
      if (now.isComplete) return now.record;
      throw error;
    }
    if (stored.object_key !== received.object_key) await objects.delete(received.object_key);
    await this.#deleteParts(reference.upload_id);
    return this.#attachments.announceAndScan(stored);
  }

  /** Discards an upload that has not become a file. */
  async abandon(reference: UploadReference): Promise<void> {
    const { record, isComplete } = await this.find(reference);
    if (isComplete)
      throw new ConflictError('The upload has become a file; delete the file', 'attachment.upload-complete');
    await this.discard(record);
  }

  /** Removes an upload's record and whatever has arrived of it. */
  async discard(record: Stored<AttachmentMetadata>): Promise<boolean> {
    const wasThere = await endUpload(this.#context, record);
    if (wasThere) await this.#deleteParts(record._id.toHexString());
    return wasThere;
  }

  async #record(
    record: Stored<AttachmentMetadata>,
    received: Awaited<ReturnType<typeof receiveContent>>,
  ): Promise<Stored<AttachmentMetadata>> {
    const { _id, entity_type, entity_id, file_name, upload } = record;
    const entity = { entity_type, entity_id };
    const file_id = upload?.next_of ?? record.file_id;
    const write = async (version: number) => {
      const fields = await describeVersion(
        this.#context,
        { entity, file_id, input: record, file_name },
        received,
      );
      const stored = await this.#context.models
        .of(AttachmentMetadata)
        .findOneAndUpdate(
          { _id, ...entity, state: 'uploading' },
          { $set: { ...fields, file_id, version }, $unset: { upload: 1 } },
          { returnDocument: 'after', lean: true, runValidators: true },
        );
      if (!stored)
        throw new ConflictError('The upload was completed elsewhere', 'attachment.upload-complete');
      return stored as Stored<AttachmentMetadata>;
    };
    // The record of a new file holds the number already that it keeps.
    return upload?.next_of === undefined
      ? write(1)
      : appendVersion(this.#context, { entity, file_id }, write);
  }

  async #storePart({ record }: ResumableUpload, part: Buffer, offset: number): Promise<number> {
    const { _id, entity_type, entity_id } = record;
    const { objects, models, now } = this.#context;
    const end = offset + part.length;
    await objects.put(partKey(_id.toHexString(), offset, part.length), part);
    const { matchedCount } = await models
      .of(AttachmentMetadata)
      .updateOne(
        { _id, entity_type, entity_id, state: 'uploading', 'upload.received_bytes': offset },
        { $set: { 'upload.received_bytes': end, 'upload.last_received_at': now() } },
      );
    if (matchedCount === 0) throw wrongOffset(undefined);
    return end;
  }

  async *#readParts(uploadId: string, sizeBytes: number): AsyncGenerator<Buffer> {
    for (const { key } of chainParts(await this.#listParts(uploadId), sizeBytes))
      yield* (await this.#context.objects.get(key)).body as AsyncIterable<Buffer>;
  }

  async #listParts(uploadId: string): Promise<ObjectHead[]> {
    const found: ObjectHead[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#context.objects.list({ prefix: partsPrefix(uploadId), cursor });
      found.push(...page.objects);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return found;
  }

  async #deleteParts(uploadId: string): Promise<void> {
    for (const { key } of await this.#listParts(uploadId)) await this.#context.objects.delete(key);
  }
}

function wrongOffset(received: number | undefined): ConflictError {
  const where = received === undefined ? '' : ` at byte ${received}`;
  return new ConflictError(
    `Ask where the upload stands and continue there${where}`,
    'attachment.upload-offset',
  );
}

function tooMuch(sizeBytes: number): InfratraqError {
  return new InfratraqError('attachment.too-large', `The upload was announced with ${sizeBytes} bytes`, {
    status: 413,
  });
}
