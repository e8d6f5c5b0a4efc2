import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { WriteCondition } from '../../store/object-store.js';
import { conditionHeaders } from './translate-errors.js';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

// S3 copies at most 5 GiB in one request.
const copiedPartBytes = 1024 * 1024 * 1024;

/** Copies a large object within S3; only copies in parts take conditions on any server that has conditions at all. */
export async function copyInParts(
  client: S3Client,
  from: Place & { sizeBytes: number; etag?: string },
  to: Place & { ContentType: string; Metadata: Record<string, string> },
  condition: WriteCondition,
): Promise<void> {
  const target = { Bucket: to.Bucket, Key: to.Key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(to));
  try {
    const Parts: CompletedPart[] = [];
    for (let first = 0; first < from.sizeBytes; first += copiedPartBytes) {
      const last = Math.min(first + copiedPartBytes, from.sizeBytes) - 1;
      const PartNumber = Parts.length + 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...target,
          UploadId,
          PartNumber,
          CopySource: encodeURI(`${from.Bucket}/${from.Key}`),
          CopySourceRange: `bytes=${first}-${last}`,
          ...(from.etag !== undefined && { CopySourceIfMatch: from.etag }),
        }),
      );
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts },
        ...conditionHeaders(condition),
      }),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    throw error;
  }
}
