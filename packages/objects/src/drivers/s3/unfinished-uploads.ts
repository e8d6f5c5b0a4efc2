import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { UnfinishedUpload } from '../../store/object-store.js';
import { isMissing } from './translate-errors.js';
import { stagingPrefix } from '../staged-uploads.js';

/** Uploads in parts that were neither completed nor aborted, and content that never got to its key. */
export async function listS3Uploads(
  client: S3Client,
  bucket: string,
  prefix: string,
): Promise<UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (marker) {
    const page: Awaited<ReturnType<typeof listPage>> = await listPage(client, bucket, prefix, marker);
    for (const { Key = '', UploadId = '', Initiated = new Date(0) } of page.Uploads ?? [])
      found.push({ id: JSON.stringify([Key.slice(prefix.length), UploadId]), startedAt: Initiated });
    marker = page.IsTruncated
      ? {
          ...(page.NextKeyMarker !== undefined && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
        }
      : undefined;
  }
  const staged = { Bucket: bucket, Prefix: prefix + stagingPrefix };
  for await (const page of paginateListObjectsV2({ client }, staged))
    for (const { Key = '', LastModified = new Date(0) } of page.Contents ?? [])
      found.push({ id: JSON.stringify([Key.slice(prefix.length)]), startedAt: LastModified });
  return found;
}

/** Removes what is left of an upload; it is no error when it has ended meanwhile. */
export async function discardS3Upload(
  client: S3Client,
  bucket: string,
  prefix: string,
  { id }: UnfinishedUpload,
): Promise<void> {
  const [key, UploadId] = JSON.parse(id) as [string, string?];
  const place = { Bucket: bucket, Key: prefix + key };
  if (UploadId === undefined) await client.send(new DeleteObjectCommand(place));
  else
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}

function listPage(client: S3Client, bucket: string, prefix: string, marker: object) {
  return client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }));
}
