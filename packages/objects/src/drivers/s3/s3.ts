import { S3Client, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import { checksumEntry } from '../../store/check-attributes.js';
import { objectChanged } from '../../store/errors.js';
import type { ObjectAttributes, ObjectDriver } from '../object-driver.js';
import type { ObjectDetails, ObjectHead, WriteCondition } from '../../store/object-store.js';
import { conditionHeaders, isMissing, translateS3Error } from './translate-errors.js';
import { copyInParts } from './copy-in-parts.js';
import { discardS3Upload, listS3Uploads } from './unfinished-uploads.js';
import { isStaged, makeStagingKey } from '../staged-uploads.js';

/** Where objects are in S3, or in anything that speaks its protocol. */
export interface S3Options {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly now?: () => number;
}

const partBytes = 8 * 1024 * 1024;
const maximumParts = 10_000;
const partsAtOnce = 2;

/** Objects in S3. Large content goes in parts; the object appears when the last request completes it. */
export function createS3Driver({
  bucket,
  prefix,
  endpoint,
  region,
  now = Date.now,
}: S3Options): ObjectDriver {
  const client = new S3Client({
    ...(region !== undefined && { region }),
    // A server of one's own seldom has a domain for each bucket.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
  const place = (key: string) => ({ Bucket: bucket, Key: prefix + key });

  async function head(key: string): Promise<ObjectDetails | undefined> {
    try {
      return detailsOf(key, await client.send(new HeadObjectCommand(place(key))));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function requireHead(key: string): Promise<ObjectDetails> {
    const details = await head(key);
    if (!details) throw objectChanged(key);
    return details;
  }

  async function uploadInParts(
    key: string,
    stream: Readable,
    attributes: ObjectAttributes & { sha256?: string },
    sizeBytes: number | undefined,
    condition: WriteCondition,
  ): Promise<void> {
    const upload = new Upload({
      client,
      params: {
        ...place(key),
        ...attributeHeaders(attributes),
        ...conditionHeaders(condition),
        Body: stream,
      },
      partSize: Math.max(partBytes, Math.ceil((sizeBytes ?? 0) / maximumParts)),
      queueSize: partsAtOnce,
    });
    await upload.done();
  }

  return {
    kind: 's3',
    wholeBytes: partBytes,
    head,

    async write(key, body, attributes, condition) {
      return translateS3Error(key, condition, async () => {
        if (body.whole) {
          const { sha256 } = body.result();
          const stored = await client.send(
            new PutObjectCommand({
              ...place(key),
              ...attributeHeaders({ ...attributes, sha256 }),
              ...conditionHeaders(condition),
              Body: body.whole,
              ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
            }),
          );
          const details = { key, ...body.result(), ...attributes, modifiedAt: new Date(now()) };
          return { ...details, etag: stored.ETag as string };
        }
        if (body.sha256 !== undefined) {
          const { sha256 } = body;
          await uploadInParts(key, body.stream, { ...attributes, sha256 }, body.sizeBytes, condition);
          return requireHead(key);
        }
        // Metadata is stated when an upload begins, and the checksum is known when it ends: so the content is
        // stored aside and copied within S3 to its key.
        const staged = makeStagingKey();
        try {
          await uploadInParts(staged, body.stream, attributes, body.sizeBytes, {});
          const { sha256, sizeBytes } = body.result();
          const to = { ...place(key), ...attributeHeaders({ ...attributes, sha256 }) };
          await copyInParts(client, { ...place(staged), sizeBytes }, to, condition);
        } finally {
          await client.send(new DeleteObjectCommand(place(staged)));
        }
        return requireHead(key);
      });
    },

    async read({ key, etag }, range) {
      const bytes = range && { Range: `bytes=${range.first}-${range.last}` };
      const answer = await client
        .send(new GetObjectCommand({ ...place(key), ...bytes, IfMatch: etag }))
        .catch((error: unknown) => {
          throw isMissing(error) || (error as { name?: string }).name === 'PreconditionFailed'
            ? objectChanged(key)
            : error;
        });
      return answer.Body as Readable;
    },

    // The client compares the content with the checksum that S3 has of it.
    isDamage: ({ message }) => message.startsWith('Checksum mismatch'),

    async list(wanted, after, limit) {
      const found: ObjectHead[] = [];
      let from = after;
      for (;;) {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix + wanted,
            MaxKeys: Math.min(1_000, limit),
            ...(from !== undefined && { StartAfter: prefix + from }),
          }),
        );
        for (const { Key = '', Size = 0, ETag = '', LastModified = new Date(0) } of page.Contents ?? []) {
          from = Key.slice(prefix.length);
          if (isStaged(from)) continue;
          found.push({ key: from, sizeBytes: Size, etag: ETag, modifiedAt: LastModified });
          if (found.length === limit) return found;
        }
        if (!page.IsTruncated) return found;
      }
    },

    async delete(key) {
      await client.send(new DeleteObjectCommand(place(key)));
    },

    async copyLarge({ key, sizeBytes, contentType, metadata, sha256, etag }, to, condition) {
      return translateS3Error(to, condition, async () => {
        const target = {
          ...place(to),
          ...attributeHeaders({ contentType, metadata, ...(sha256 !== undefined && { sha256 }) }),
        };
        await copyInParts(client, { ...place(key), sizeBytes, etag }, target, condition);
        return requireHead(to);
      });
    },

    link: (key, expiresIn, disposition) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          ...place(key),
          ...(disposition !== undefined && { ResponseContentDisposition: disposition }),
        }),
        { expiresIn, signingDate: new Date(now()) },
      ),

    listUnfinished: () => listS3Uploads(client, bucket, prefix),
    discardUnfinished: (upload) => discardS3Upload(client, bucket, prefix, upload),
    close: async () => client.destroy(),
  };
}

function attributeHeaders({ contentType, metadata, sha256 }: ObjectAttributes & { sha256?: string }) {
  return {
    ContentType: contentType,
    Metadata: { ...metadata, ...(sha256 !== undefined && { [checksumEntry]: sha256 }) },
  };
}

function detailsOf(key: string, answer: HeadObjectCommandOutput): ObjectDetails {
  const { [checksumEntry]: sha256, ...metadata } = answer.Metadata ?? {};
  return {
    key,
    sizeBytes: answer.ContentLength ?? 0,
    etag: answer.ETag ?? '',
    modifiedAt: answer.LastModified ?? new Date(0),
    contentType: answer.ContentType ?? 'application/octet-stream',
    ...(sha256 !== undefined && { sha256 }),
    metadata,
  };
}
