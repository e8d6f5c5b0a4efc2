import type { ChannelRole } from '@infratraq/kernel';
import { z } from 'zod';
import type { MessageView, ReactionView } from '../present-message.js';
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

/** Payload of each event that a client of `/chat` may emit; anything beyond these fields is refused. */
export const clientEvents = {
  'channel:join': z.strictObject({ channel, after_seq: seq.optional(), ...known }),
  'channel:sync': z.strictObject({ channel, after_seq: seq, ...known }),
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
  'message:pin': z.strictObject({ message_id: messageId, on: z.boolean() }),
  'message:delivered': z.strictObject({ channel, seq }),
  'message:read': z.strictObject({ channel, seq }),
  typing: z.strictObject({ channel, on: z.boolean() }),
  'presence:list': z.strictObject({ channel }),
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
    revision: number;
    reactions: readonly ReactionView[];
  };
  'read:changed': { channel: string; user_id: string; read_seq: number; delivered_seq: number };
  typing: { channel: string; user_id: string; on: boolean };
  'presence:changed': { channel: string; user_id: string; online: boolean };
  /** Something may have been missed or cut: sync each channel from the last message that is there. */
  'chat:resync': { channels: readonly string[] };
  /** The user's membership was changed; what they may see or do may be another. */
  'role:changed': { channel: string; role: ChannelRole };
  /** The user is no member of the channel any more and hears no more of it. */
  'channel:removed': { channel: string };
}
