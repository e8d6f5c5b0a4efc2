import type { OutboundMail } from '@infratraq/kernel';
import { z } from 'zod';
import type { LargeMail } from './filing/store-content.js';
import type { InboundMail } from './receiving/receive-mail.js';

const text = z.string().min(1);
const entity = z.object({ entity_type: text.max(100), entity_id: text.max(200) });
const message_id = text;
const buffer = z.custom<Buffer>((value) => Buffer.isBuffer(value), 'is no Buffer');
const largeMail: z.ZodType<LargeMail> = z.object({
  head: buffer,
  size_bytes: z.number().int().min(0),
  open: z.custom<LargeMail['open']>((value) => typeof value === 'function', 'is no function'),
});
const inbound: z.ZodType<InboundMail> = z.object({
  raw: z.union([buffer, largeMail]),
  mailbox: text,
  recipients: z.array(z.string()).readonly().optional(),
  received_at: z.date().optional(),
});
const outbound: z.ZodType<OutboundMail> = z.object({
  message_id,
  from: text,
  to: z.array(z.string()).readonly(),
  cc: z.array(z.string()).readonly().optional(),
  subject: z.string(),
  text: z.string().optional(),
  html: z.string().optional(),
  in_reply_to: z.string().optional(),
  entity: entity.optional(),
  notification_id: z.string().optional(),
});

/** Input of the methods of `EmailHistory`. */
export const emailSchemas = {
  inbound,
  outbound,
  outcome: z.object({ message_id, state: z.enum(['sent', 'failed']), response: z.string().optional() }),
  entity,
  conversation: z.object({ thread_id: text }),
  participant: z.object({ address: text }),
} as const;
