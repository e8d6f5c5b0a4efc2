import { Storage, type File, type FileMetadata } from '@google-cloud/storage';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checksumEntry } from '../../store/check-attributes.js';
import { objectChanged, objectExists } from '../../store/errors.js';
import type { ObjectAttributes, ObjectDriver } from '../object-driver.js';
import type { ObjectDetails, ObjectHead, WriteCondition } from '../../store/object-store.js';
import { isStaged, makeStagingKey, stagingPrefix } from '../staged-uploads.js';

/** Where objects are in Google Cloud Storage. */
export interface GcsOptions {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  readonly endpoint?: string | undefined;
}

const partBytes = 8 * 1024 * 1024;

/**
 * Objects in Google Cloud Storage. Large content is stored aside and copied within the storage to its key: its metadata
 * is stated when an upload begins, and the checksum is known when it ends. A generation is the etag.
 */
export function createGcsDriver({ bucket: name, prefix, endpoint }: GcsOptions): ObjectDriver {
  const storage = new Storage({
    ...(endpoint !== undefined && {
      apiEndpoint: endpoint,
      useAuthWithCustomEndpoint: false,
      projectId: 'local',
    }),
  });
  const bucket = storage.bucket(name);
  const fileOf = (key: string) => bucket.file(prefix + key);

  async function head(key: string): Promise<ObjectDetails | undefined> {
    return fileOf(key)
      .getMetadata()
      .then(
        ([metadata]) => detailsOf(key, metadata),
        (error: unknown) => {
          if (statusOf(error) === 404) return undefined;
          throw error;
        },
      );
  }

  async function copyWithin(
    source: File,
    key: string,
    attributes: ObjectAttributes & { sha256: string },
    condition: WriteCondition,
  ): Promise<ObjectDetails> {
    const { contentType, metadata } = metadataOf(attributes);
    await source.copy(fileOf(key), { contentType, metadata, preconditionOpts: preconditionOf(condition) });
    const details = await head(key);
    if (!details) throw objectChanged(key);
    return details;
  }

  return {
    kind: 'gcs',
    wholeBytes: partBytes,
    head,

    async write(key, body, attributes, condition) {
      return translateGcsError(key, condition, async () => {
        if (body.whole) {
          const file = fileOf(key);
          await file.save(body.whole, {
            resumable: false,
            validation: 'crc32c',
            metadata: metadataOf({ ...attributes, ...body.result() }),
            preconditionOpts: preconditionOf(condition),
          });
          return detailsOf(key, file.metadata);
        }
        // Storage can't list uploads that are under way, so each leaves a sign of itself until it ends.
        const id = makeStagingKey();
        const [sign, staged] = [fileOf(`${id}.begun`), fileOf(`${id}.content`)];
        try {
          await sign.save('', { resumable: false });
          await pipeline(
            body.stream,
            staged.createWriteStream({ resumable: true, chunkSize: partBytes, validation: 'crc32c' }),
          );
          return await copyWithin(staged, key, { ...attributes, ...body.result() }, condition);
        } finally {
          await staged.delete({ ignoreNotFound: true });
          await sign.delete({ ignoreNotFound: true });
        }
      });
    },

    async read({ key, etag, sizeBytes }, range) {
      if (sizeBytes === 0) return Readable.from([]);
      const version = bucket.file(prefix + key, { generation: etag });
      const [exists] = await version.exists();
      if (!exists) throw objectChanged(key);
      // Content is compared with its SHA-256 by the store; damaged content must get that far.
      return version.createReadStream({
        validation: false,
        decompress: false,
        ...(range && { start: range.first, end: range.last }),
      });
    },

    async list(wanted, after, limit) {
      const found: ObjectHead[] = [];
      let from = after;
      for (;;) {
        const [files] = await bucket.getFiles({
          prefix: prefix + wanted,
          // The page starts with the key itself, which was on the page before.
          maxResults: limit + 1,
          autoPaginate: false,
          ...(from !== undefined && { startOffset: prefix + from }),
        });
        for (const file of files) {
          const head = headOf(file.name.slice(prefix.length), file.metadata);
          if (head.key === from || isStaged(head.key)) continue;
          found.push(head);
          if (found.length === limit) return found;
        }
        const last = files.at(-1)?.name.slice(prefix.length);
        if (files.length <= limit || last === from) return found;
        from = last;
      }
    },

    async delete(key) {
      await fileOf(key).delete({ ignoreNotFound: true });
    },

    async copyLarge({ key, etag, ...attributes }, to, condition) {
      const source = bucket.file(prefix + key, { generation: etag });
      return translateGcsError(to, condition, () =>
        copyWithin(source, to, { ...attributes, sha256: attributes.sha256 as string }, condition),
      );
    },

    async link(key, expiresInSeconds, disposition) {
      const [url] = await fileOf(key).getSignedUrl({
        version: 'v4',
        action: 'read',
        expires: Date.now() + expiresInSeconds * 1000,
        ...(disposition !== undefined && { responseDisposition: disposition }),
      });
      return url;
    },

    async listUnfinished() {
      const [files] = await bucket.getFiles({ prefix: prefix + stagingPrefix });
      const begun = new Map<string, Date>();
      for (const { name: path, metadata } of files) {
        const id = path.slice(prefix.length).replace(/\.(begun|content)$/, '');
        begun.set(id, new Date(metadata.timeCreated ?? 0));
      }
      return [...begun].map(([id, startedAt]) => ({ id, startedAt }));
    },

    async discardUnfinished({ id }) {
      await fileOf(`${id}.content`).delete({ ignoreNotFound: true });
      await fileOf(`${id}.begun`).delete({ ignoreNotFound: true });
    },

    close: async () => undefined,
  };
}

function metadataOf({ contentType, metadata, sha256 }: ObjectAttributes & { sha256: string }) {
  return { contentType, metadata: { ...metadata, [checksumEntry]: sha256 } };
}

function preconditionOf({ ifAbsent, ifMatch }: WriteCondition): { ifGenerationMatch?: number | string } {
  return ifAbsent ? { ifGenerationMatch: 0 } : ifMatch !== undefined ? { ifGenerationMatch: ifMatch } : {};
}

async function translateGcsError<Result>(
  key: string,
  { ifAbsent, ifMatch }: WriteCondition,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) !== 412) throw error;
    throw ifAbsent || ifMatch === undefined ? objectExists(key) : objectChanged(key);
  }
}

function statusOf(error: unknown): number | undefined {
  return Number((error as { code?: number | string }).code);
}

function headOf(key: string, metadata: FileMetadata) {
  return {
    key,
    sizeBytes: Number(metadata.size ?? 0),
    etag: String(metadata.generation),
    modifiedAt: new Date(metadata.updated ?? metadata.timeCreated ?? 0),
  };
}

function detailsOf(key: string, answer: FileMetadata): ObjectDetails {
  const { [checksumEntry]: sha256, ...metadata } = (answer.metadata ?? {}) as Record<string, string>;
  return {
    ...headOf(key, answer),
    contentType: answer.contentType ?? 'application/octet-stream',
    ...(sha256 !== undefined && { sha256 }),
    metadata,
  };
}
