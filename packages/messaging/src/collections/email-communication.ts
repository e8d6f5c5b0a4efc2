import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';
import type { Types } from 'mongoose';
import { EmailAddress, EmailAttachment, EmailHeader } from './email-communication-parts.js';

/** Directions of a mail, as seen from here. */
export const emailDirections = ['inbound', 'outbound'] as const;
export type EmailDirection = (typeof emailDirections)[number];

/** States of a mail; an inbound one is always `received`. */
export const emailStates = ['received', 'queued', 'sent', 'bounced', 'failed'] as const;
export type EmailState = (typeof emailStates)[number];

/** Kinds of mail that no person wrote. */
export const automaticKinds = ['auto_reply', 'bounce', 'complaint', 'mailing_list', 'loop'] as const;
export type AutomaticKind = (typeof automaticKinds)[number];

/** What a report that nobody vouches for says of a mail. */
export const unsignedReports = ['bounce', 'complaint'] as const satisfies readonly AutomaticKind[];

/** How a mail found its entity. */
export const entityMatches = ['plus_address', 'reference_token', 'thread', 'person'] as const;
export type EntityMatch = (typeof entityMatches)[number];

/** One mail that was sent or received, parsed, with its place in its conversation. */
@Collection<EmailCommunication>({
  name: 'email_communication',
  purpose: 'Email send and receive history with parsed body and attachments',
  retention: permanent(),
  growth: growth('moderate', { documentBytes: 12_000, documentsPerDay: 1_500 }),
  traits: ['append-only', 'nested-fields', 'variable-schema'],
  indexes: [
    { key: { message_id: 1, direction: 1 }, unique: true, serves: 'findEmailByMessageId' },
    { key: { thread_id: 1, occurred_at: 1 }, serves: 'listEmailsOfThread' },
    {
      key: { entity_type: 1, entity_id: 1, occurred_at: -1 },
      partial: { entity_id: { $exists: true } },
      serves: 'listEmailsOfEntity',
    },
    { key: { participants: 1, occurred_at: -1 }, serves: 'listEmailsOfParticipant' },
    {
      key: { references: 1 },
      partial: { references: { $exists: true } },
      serves: 'listEmailsReferringTo',
    },
    {
      key: { malformed: 1, occurred_at: -1 },
      partial: { malformed: true },
      serves: 'listMalformedEmails',
    },
  ],
  shardKey: { message_id: 1 },
})
export class EmailCommunication {
  readonly _id!: Types.ObjectId;

  /** The Message-ID header without angle brackets; made from the content's hash where a mail has none. */
  @prop({ type: String, required: true, maxlength: 998 })
  message_id!: string;

  @prop({ type: String, required: true, enum: emailDirections })
  direction!: EmailDirection;

  @prop({ type: String, required: true, enum: emailStates })
  state!: EmailState;

  /** The account of ours that sent or received it. */
  @prop({ type: String, required: true, maxlength: 320 })
  mailbox!: string;

  /** Absent where the header is missing or cannot be read. */
  @prop({ type: () => EmailAddress })
  from?: EmailAddress;

  @prop({ type: () => [EmailAddress], default: undefined })
  to?: EmailAddress[];

  @prop({ type: () => [EmailAddress], default: undefined })
  cc?: EmailAddress[];

  @prop({ type: () => [EmailAddress], default: undefined })
  bcc?: EmailAddress[];

  @prop({ type: () => [EmailAddress], default: undefined })
  reply_to?: EmailAddress[];

  /** Every address of the mail, in lower case, each once. */
  @prop({ type: [String], required: true })
  participants!: string[];

  @prop({ type: String, default: '', maxlength: 2_000 })
  subject!: string;

  @prop({ type: String, maxlength: 1_000_000 })
  text_body?: string;

  /** Sanitised: safe to show. */
  @prop({ type: String, maxlength: 2_000_000 })
  html_body?: string;

  /** A body was longer than is kept here; the whole mail is at `raw_object_key`. */
  @prop({ type: Boolean })
  truncated?: boolean;

  @prop({ type: () => [EmailHeader], default: undefined })
  headers?: EmailHeader[];

  @prop({ type: () => [EmailAttachment], default: undefined })
  attachments?: EmailAttachment[];

  /** The mail as it came, in object storage. */
  @prop({ type: String })
  raw_object_key?: string;

  @prop({ type: Number, required: true, min: 0 })
  size_bytes!: number;

  /** Message-ID of the first mail of the conversation. */
  @prop({ type: String, required: true, maxlength: 998 })
  thread_id!: string;

  @prop({ type: String, maxlength: 998 })
  in_reply_to?: string;

  /** Message-IDs of the References header, oldest first. */
  @prop({ type: [String], default: undefined })
  references?: string[];

  @prop({ type: String, maxlength: 100 })
  entity_type?: string;

  @prop({ type: String, maxlength: 200 })
  entity_id?: string;

  @prop({ type: String, enum: entityMatches })
  matched_by?: EntityMatch;

  /** Set on mail that no person wrote; nothing is ever answered to it. */
  @prop({ type: String, enum: automaticKinds })
  automatic_kind?: AutomaticKind;

  /**
   * Set on a sent mail that somebody reported as bounced or as spam without proof. It changes nothing else: anybody may
   * write such a report.
   */
  @prop({ type: String, enum: unsignedReports })
  unsigned_report?: (typeof unsignedReports)[number];

  /** The mail breaks the format; `defects` says where. It is kept all the same. */
  @prop({ type: Boolean, required: true, default: false })
  malformed!: boolean;

  @prop({ type: [String], default: undefined })
  defects?: string[];

  /** The notification that an outbound mail carried. */
  @prop({ type: String })
  notification_id?: string;

  /** The receiving server's last answer, as it was given. */
  @prop({ type: String, maxlength: 2_000 })
  provider_response?: string;

  /** The Date header, which a sender may set to anything. */
  @prop({ type: Date })
  header_date?: Date;

  /** When we sent or received it. */
  @prop({ type: Date, required: true })
  occurred_at!: Date;

  @prop({ type: String })
  cause_id?: string;
}
