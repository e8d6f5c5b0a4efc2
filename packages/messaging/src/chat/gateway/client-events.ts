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
// Of channels that the sender belongs to.
const members = { access: 'members' } as const;
const place = z.strictObject({ channel, seq: position.shape.seq }).meta(members);

/** Checks the payload of each event that a client of `/chat` may emit; fields beyond these are refused. */
export const clientEvents = {
  'channel:join': z.strictObject({ channel, after_seq: after_seq.optional(), ...copy }).meta(members),
  'channel:sync': z.strictObject({ channel, after_seq, ...copy }).meta(members),
  'channel:leave': z.strictObject({ channel }).meta(members),
  'message:send': send
    .omit({ sender_id: true })
    .extend({ parent_id: message_id.optional() })
    .strict()
    .meta(members),
  'message:edit': z.strictObject({ message_id, body: edit.shape.body }).meta(members),
  'message:delete': z.strictObject({ message_id }).meta(members),
  'message:react': z.strictObject({ message_id, emoji: react.shape.emoji, on: react.shape.on }).meta(members),
  'message:pin': z.strictObject({ message_id, on: pin.shape.on }).meta(members),
  'message:delivered': place,
  'message:read': place,
  typing: z.strictObject({ channel, on: z.boolean() }).meta(members),
  'presence:list': z.strictObject({ channel }).meta(members),
} satisfies { [Name in ChatRequestName]: z.ZodType<ChatRequest<Name>> };
