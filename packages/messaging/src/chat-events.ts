import { z } from 'zod';
import type { MessageView, ReactionView } from './present-message.js';
import { messageLimits } from './message-limits.js';

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

/** Payload of each event that a client of `/chat` may emit; anything beyond these fields is refused. */
export const clientEvents = {
  'channel:join': z.strictObject({ channel, after_seq: seq.optional() }),
  'channel:leave': z.strictObject({ channel }),
  'message:send': z.strictObject({
    channel,
    client_message_id: z.string().min(1).max(messageLimits.clientMessageIdCharacters),
    body,
    parent_id: messageId.optional(),
    attachments: z.array(attachment).max(messageLimits.attachments).optional(),
    links: z.array(link).max(messageLimits.links).optional(),
  }),
  'message:edit': z.strictObject({ message_id: messageId, body }),
  'message:delete': z.strictObject({ message_id: messageId }),
  'message:react': z.strictObject({
    message_id: messageId,
    emoji: z.string().min(1).max(messageLimits.emojiCharacters),
    on: z.boolean(),
  }),
  'message:read': z.strictObject({ channel, seq }),
  typing: z.strictObject({ channel, on: z.boolean() }),
} as const;

/** Names of the events that a client may emit. */
export type ClientEventName = keyof typeof clientEvents;
/** What a client emits with one event. */
export type ClientEventPayload<Name extends ClientEventName> = z.output<(typeof clientEvents)[Name]>;

/** Payload of each event that clients of `/chat` receive; dates arrive as ISO strings. */
export interface ServerEvents {
  'message:created': MessageView;
  'message:updated': MessageView;
  'message:deleted': MessageView;
  'reaction:changed': {
    channel: string;
    message_id: string;
    seq: number;
    user_id: string;
    emoji: string;
    on: boolean;
    reactions: readonly ReactionView[];
  };
  'read:changed': { channel: string; user_id: string; read_seq: number; delivered_seq: number };
  typing: { channel: string; user_id: string; on: boolean };
  'presence:changed': { channel: string; user_id: string; online: boolean };
}
