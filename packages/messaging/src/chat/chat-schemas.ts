import type { Attachment, EntityLink } from '@infratraq/chat-wire';
import { tidyFileName } from '@infratraq/kernel';
import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { messageLimits } from '../collections/message-limits.js';
import { isEmoji } from './is-emoji.js';

const channel = plainText({ characters: messageLimits.channelCharacters });
const user_id = plainText({ characters: 500 });
const message_id = z.string().min(1).max(100);
const seq = z.number().int().min(0);
const client_message_id = plainText({ characters: messageLimits.clientMessageIdCharacters, bytes: 100 });
const body = plainText({
  characters: messageLimits.bodyCharacters,
  bytes: messageLimits.bodyBytes,
  lines: true,
  empty: true,
});

const attachment: z.ZodType<Attachment> = z.strictObject({
  attachment_id: z.string().regex(/^[\w-]{1,100}$/, 'is the id of a file'),
  file_name: z
    .string()
    .min(1)
    .max(255)
    .refine(
      (name) => tidyFileName(name) === name.normalize('NFC'),
      'is the name of a file, without its path',
    ),
  content_type: z.string().min(1).max(255),
  size_bytes: z.number().int().min(0),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  width: z.number().int().min(1).optional(),
  height: z.number().int().min(1).optional(),
});
const link: z.ZodType<EntityLink> = z.strictObject({
  entity_type: z.string().min(1).max(100),
  entity_id: z.string().min(1).max(200),
});

/** Input of the methods of `ChatService`, as its gateway and routes check it too. */
export const chatSchemas = {
  member: z.object({ channel, user_id }),
  send: z.object({
    channel,
    sender_id: user_id,
    client_message_id,
    body,
    parent_id: message_id.optional(),
    attachments: z.array(attachment).max(messageLimits.attachments).readonly().optional(),
    links: z.array(link).max(messageLimits.links).readonly().optional(),
  }),
  sent: z.object({ channel, sender_id: user_id, client_message_id }),
  edit: z.object({ message_id, user_id, body }),
  delete: z.object({ message_id, user_id }),
  react: z.object({
    message_id,
    user_id,
    emoji: z.string().max(messageLimits.emojiCharacters).refine(isEmoji, 'is one emoji'),
    on: z.boolean(),
  }),
  pin: z.object({ message_id, user_id, on: z.boolean() }),
  position: z.object({ channel, user_id, seq }),
  rules: z.object({
    slow_mode_seconds: z.number().int().min(1).max(86_400).nullable().optional(),
    retention_days: z.number().int().min(1).max(36_500).nullable().optional(),
  }),
  history: z
    .object({
      before: seq.optional(),
      after: seq.optional(),
      around: seq.optional(),
      limit: z.number().int().min(1).max(200).default(50),
    })
    .refine(
      ({ before, after, around }) => [before, after, around].filter((at) => at !== undefined).length <= 1,
      'Give one of before, after and around',
    ),
  known: z.object({
    after_seq: seq,
    epoch: z.string().max(100).optional(),
    after_message_id: message_id.optional(),
    changed_since: z.date().optional(),
  }),
  search: z.object({
    text: plainText({ characters: 200 }),
    before: seq.optional(),
    limit: z.number().int().min(1).max(100).default(20),
  }),
  entity: z.object({ entity_type: z.string().min(1), entity_id: z.string().min(1) }),
  user: z.object({ user_id }),
} as const;
