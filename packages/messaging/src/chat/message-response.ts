import { timestamp } from '@infratraq/transport';
import { z } from 'zod';

/** A file of a message or comment as HTTP answers it. */
export const attachmentResponse = z.object({
  attachment_id: z.string(),
  file_name: z.string(),
  content_type: z.string(),
  size_bytes: z.number(),
  sha256: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});

/** A message as HTTP answers it. */
export const messageResponse = z.object({
  message_id: z.string(),
  channel: z.string(),
  seq: z.number().describe('Place within the channel, gap-free from 1'),
  sender_id: z.string(),
  client_message_id: z.string(),
  body: z.string().describe('Empty in a tombstone'),
  parent_id: z.string().optional().describe('First message of its thread'),
  attachments: z.array(attachmentResponse).readonly(),
  mentions: z.array(z.string()).readonly(),
  links: z.array(z.object({ entity_type: z.string(), entity_id: z.string() })).readonly(),
  reactions: z.array(z.object({ emoji: z.string(), user_ids: z.array(z.string()).readonly() })).readonly(),
  revision: z.number(),
  created_at: timestamp,
  edited_at: timestamp.optional(),
  deleted_at: timestamp.optional(),
  deleted_by: z.string().optional(),
  pinned_at: timestamp.optional(),
});
