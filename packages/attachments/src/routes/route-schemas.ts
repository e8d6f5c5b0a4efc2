import type { Stored } from '@infratraq/mongo';
import { entityParameters, timestamp } from '@infratraq/transport';
import { z } from 'zod';
import { scanVerdicts } from '../collections/attachment-metadata-parts.js';
import type { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { attachmentStates, isDownloadable } from '../collections/attachment-state.js';

/** Path parameters that name a file. */
export const fileParameters = entityParameters.extend({ file_id: z.string().min(1).max(100) });

/** Which version of a file. */
export const versionQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional().describe('The current version when absent'),
});

/** One version of a file, as the API shows it. */
export const attachmentResponse = z.object({
  file_id: z.string(),
  entity_type: z.string(),
  entity_id: z.string(),
  version: z.number(),
  is_current: z.boolean(),
  state: z.enum(attachmentStates),
  file_name: z.string(),
  content_type: z.string().describe('What the content is, by its first bytes'),
  declared_content_type: z.string().optional().describe('What the client said it was'),
  size_bytes: z.number(),
  sha256: z.string().optional(),
  description: z.string().optional(),
  scan: z.object({
    verdict: z.enum(scanVerdicts),
    engine: z.string().optional(),
    signature: z.string().optional(),
    scanned_at: timestamp.optional(),
  }),
  is_downloadable: z.boolean(),
  preview_fault: z
    .string()
    .optional()
    .describe('Why an image has no thumbnails: `attachment.image-unreadable`, or the limit that it broke'),
  image: z
    .object({
      width: z.number(),
      height: z.number(),
      thumbnails: z.array(z.object({ width: z.number(), height: z.number() })),
    })
    .optional(),
  source: z.string(),
  uploaded_by: z.string(),
  uploaded_at: timestamp,
  access_count: z.number(),
  retain_until: timestamp.optional(),
  deleted_at: timestamp.optional(),
  deleted_by: z.string().optional(),
  purge_after: timestamp.optional(),
});

/** A version as the response schema takes it. */
export function presentAttachment(
  attachment: Stored<AttachmentMetadata>,
): z.output<typeof attachmentResponse> {
  const { image, ...rest } = attachment;
  return {
    ...rest,
    is_downloadable: isDownloadable(attachment),
    ...(image && { image: { ...image, thumbnails: image.thumbnails ?? [] } }),
  };
}
