import type { ChatRequest, ChatRequestName } from '@infratraq/chat-wire';
import { z } from 'zod';
import { messageLimits } from '../../collections/message-limits.js';

const channel = z.string().min(1).max(messageLimits.channelCharacters);
const messageId = z.string().regex(/^[0-9a-f]{24}$/, 'is a message id: 24 hexadecimal digits');
const seq = z.number().int().min(0);
const body = z.string().max(messageLimits.bodyCharacters);
const attachment = z.strictObject({
  attachment_id: z.string().min(1).max(100),
  file_name: z.string().min(1).max(255),
  content_type: z.string().min(1).max(255),
  size_bytes: z.number().int().min(0),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  width: z.number().int().min(1).optional(),
  height: z.number().int().min(1).optional(),
});
const link = z.strictObject({
  entity_type: z.string().min(1).max(100),
  entity_id: z.string().min(1).max(200),
});

const known = {
  epoch: z.string().max(100).optional(),
  after_message_id: messageId.optional(),
  changed_since: z.iso.datetime().optional(),
};

/** Checks the payload of each event that a client of `/chat` may emit; fields beyond these are refused. */
export const clientEvents = {
  'channel:join': z.strictObject({ channel, after_seq: seq.optional(), ...known }),
  'channel:sync': z.strictObject({ channel, after_seq: seq, ...known }),
  'channel:leave': z.strictObject({ channel }),
  'message:send': z.strictObject({
    channel,
    client_message_id: z.string().min(1).max(messageLimits.clientMessageIdCharacters),
    body,
    parent_id: messageId.optional(),
    attachments: z.array(attachment).max(messageLimits.attachments).readonly().optional(),
    links: z.array(link).max(messageLimits.links).readonly().optional(),
  }),
  'message:edit': z.strictObject({ message_id: messageId, body }),
  'message:delete': z.strictObject({ message_id: messageId }),
  'message:react': z.strictObject({
    message_id: messageId,
    emoji: z.string().min(1).max(messageLimits.emojiCharacters),
    on: z.boolean(),
  }),
  'message:pin': z.strictObject({ message_id: messageId, on: z.boolean() }),
  'message:delivered': z.strictObject({ channel, seq }),
  'message:read': z.strictObject({ channel, seq }),
  typing: z.strictObject({ channel, on: z.boolean() }),
  'presence:list': z.strictObject({ channel }),
} satisfies { [Name in ChatRequestName]: z.ZodType<ChatRequest<Name>> };
