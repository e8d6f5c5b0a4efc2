import type { ChatRequest, ChatRequestName } from '@infratraq/chat-wire';
import { z } from 'zod';
import { chatSchemas } from '../chat-schemas.js';

const { send, edit, react, pin, position, known } = chatSchemas;
const { channel } = send.shape;
const message_id = z.string().regex(/^[0-9a-f]{24}$/, 'is a message id: 24 hexadecimal digits');
const { after_seq } = known.shape;
const copy = {
  epoch: known.shape.epoch,
  after_message_id: message_id.optional(),
  changed_since: z.iso.datetime().optional(),
};
const place = z.strictObject({ channel, seq: position.shape.seq });

/** Checks the payload of each event that a client of `/chat` may emit; fields beyond these are refused. */
export const clientEvents = {
  'channel:join': z.strictObject({ channel, after_seq: after_seq.optional(), ...copy }),
  'channel:sync': z.strictObject({ channel, after_seq, ...copy }),
  'channel:leave': z.strictObject({ channel }),
  'message:send': send.omit({ sender_id: true }).extend({ parent_id: message_id.optional() }).strict(),
  'message:edit': z.strictObject({ message_id, body: edit.shape.body }),
  'message:delete': z.strictObject({ message_id }),
  'message:react': z.strictObject({ message_id, emoji: react.shape.emoji, on: react.shape.on }),
  'message:pin': z.strictObject({ message_id, on: pin.shape.on }),
  'message:delivered': place,
  'message:read': place,
  typing: z.strictObject({ channel, on: z.boolean() }),
  'presence:list': z.strictObject({ channel }),
} satisfies { [Name in ChatRequestName]: z.ZodType<ChatRequest<Name>> };
