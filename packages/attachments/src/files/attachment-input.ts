import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { attachmentSources } from '../collections/attachment-metadata-parts.js';

/** What somebody says about a file that they attach. */
export const attachmentInputSchema = z.object({
  file_name: z.string().describe('As the client sent it; it is cleaned'),
  declared_content_type: z.string().optional(),
  description: plainText({ characters: 2_000, lines: true, empty: true }).optional(),
  uploaded_by: z.string().min(1).max(200),
  source: z.enum(attachmentSources).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('Which the content must have, hexadecimal'),
  file_id: z.string().min(1).max(100).optional().describe('The file of which it is the next version'),
});
/** What somebody says about a file that they attach. */
export type AttachmentInput = z.input<typeof attachmentInputSchema>;
