import type { Stored } from '@infratraq/mongo';
import { timestamp } from '@infratraq/transport';
import { z } from 'zod';
import {
  automaticKinds,
  emailDirections,
  emailStates,
  entityMatches,
  unsignedReports,
  type EmailCommunication,
} from '../collections/email-communication.js';

const address = z.object({ address: z.string(), name: z.string().optional() });
const addresses = z.array(address);

/** A mail as lists answer it. */
export const emailSummary = z.object({
  email_id: z.string(),
  message_id: z.string(),
  direction: z.enum(emailDirections),
  state: z.enum(emailStates),
  from: address.optional(),
  to: addresses,
  cc: addresses,
  subject: z.string(),
  thread_id: z.string().describe('Names its conversation'),
  in_reply_to: z.string().optional(),
  entity_type: z.string().optional(),
  entity_id: z.string().optional(),
  matched_by: z.enum(entityMatches).optional().describe('How it found its entity'),
  automatic_kind: z.enum(automaticKinds).optional().describe('Set where no person wrote it'),
  unsigned_report: z
    .enum(unsignedReports)
    .optional()
    .describe('What somebody reported of it without proof; nothing followed from it'),
  malformed: z.boolean().describe('It breaks the format; it is kept whole all the same'),
  defects: z.array(z.string()),
  size_bytes: z.number(),
  attachments: z.array(
    z.object({
      file_name: z.string(),
      content_type: z.string(),
      size_bytes: z.number(),
      sha256: z.string(),
      content_id: z.string().optional().describe('What the HTML calls it (`cid:`)'),
      inline: z.boolean(),
      file_id: z.string().optional().describe("Names it among the files of the mail's entity"),
      refusal: z
        .object({ code: z.string(), message: z.string() })
        .optional()
        .describe("Why it is not among the files of the mail's entity; nobody downloads it then"),
    }),
  ),
  header_date: timestamp.optional().describe('As the sender says'),
  occurred_at: timestamp.describe('When it was sent or received'),
});

/** A single mail as HTTP answers it. */
export const emailResponse = emailSummary.extend({
  text_body: z.string().optional(),
  html_body: z.string().optional().describe('Safe to show; images elsewhere are named in data-remote-src'),
  truncated: z.boolean().describe('A body is longer than is kept here'),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});

/** A stored mail as lists show it. */
export function presentSummary(mail: Stored<EmailCommunication>): z.output<typeof emailSummary> {
  const {
    from,
    in_reply_to,
    entity_type,
    entity_id,
    matched_by,
    automatic_kind,
    header_date,
    unsigned_report,
  } = mail;
  return {
    email_id: mail._id.toHexString(),
    message_id: mail.message_id,
    direction: mail.direction,
    state: mail.state,
    ...(from && { from }),
    to: mail.to ?? [],
    cc: mail.cc ?? [],
    subject: mail.subject,
    thread_id: mail.thread_id,
    ...(in_reply_to && { in_reply_to }),
    ...(entity_type && entity_id && { entity_type, entity_id }),
    ...(matched_by && { matched_by }),
    ...(automatic_kind && { automatic_kind }),
    ...(unsigned_report && { unsigned_report }),
    malformed: mail.malformed,
    defects: mail.defects ?? [],
    size_bytes: mail.size_bytes,
    attachments: (mail.attachments ?? []).map(
      ({ file_name, content_type, size_bytes, sha256, content_id, inline, file_id, refusal }) => ({
        file_name,
        content_type,
        size_bytes,
        sha256,
        inline,
        ...(content_id && { content_id }),
        ...(file_id && { file_id }),
        ...(refusal && { refusal }),
      }),
    ),
    ...(header_date && { header_date }),
    occurred_at: mail.occurred_at,
  };
}

/** A stored mail as it is shown alone. */
export function presentEmail(mail: Stored<EmailCommunication>): z.output<typeof emailResponse> {
  const { text_body, html_body, truncated = false, headers = [] } = mail;
  return {
    ...presentSummary(mail),
    ...(text_body && { text_body }),
    ...(html_body && { html_body }),
    truncated,
    headers: headers.map(({ name, value }) => ({ name, value })),
  };
}
