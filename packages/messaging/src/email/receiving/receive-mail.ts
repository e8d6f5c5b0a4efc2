import type { ConfinedJobs } from '@infratraq/confined-jobs';
import { currentActor, type EntityReference } from '@infratraq/kernel';
import { isDuplicateKey, type Stored } from '@infratraq/mongo';
import { Error as MongooseError } from 'mongoose';
import { EmailCommunication, type EntityMatch } from '../../collections/email-communication.js';
import { attachFiles } from '../filing/attach-files.js';
import { classifyMail } from '../parsing/classify-mail.js';
import type { EmailHistoryOptions } from '../email-history-options.js';
import { mailLimits } from '../parsing/mail-limits.js';
import { guessThread, placeInThread } from '../filing/place-in-thread.js';
import { readMailApart } from '../parsing/read-mail-apart.js';
import type { ReadMail } from '../parsing/read-mail.js';
import { takeReport } from './take-report.js';
import { describeContent, storeFiles, type LargeMail, type MailContent } from '../filing/store-content.js';

/** A mail as it arrived. */
export interface InboundMail {
  readonly raw: Buffer | LargeMail;
  /** Address of the mailbox that received it. */
  readonly mailbox: string;
  /** Recipients of the envelope, if known. */
  readonly recipients?: readonly string[];
  readonly received_at?: Date;
}

/** A stored mail. */
export interface ReceivedMail {
  readonly mail: Stored<EmailCommunication>;
  /** Whether this call stored it. */
  readonly is_new: boolean;
}

/**
 * Stores a mail: first its content, then its record, then its place in a conversation, then its files at its entity. A
 * second call repeats nothing and finishes what the first one began.
 */
export async function receiveMail(
  options: EmailHistoryOptions,
  jobs: ConfinedJobs,
  inbound: InboundMail,
): Promise<ReceivedMail> {
  const { models, files } = options;
  const content = describeContent(inbound.raw);
  const read = await readMailApart(jobs, content.head, content.size_bytes);
  const message_id = await chooseMessageId(options, read, content);
  const known = await findInbound(options, message_id);
  const stored = known ?? (await storeMail(options, inbound, read, content, message_id));
  const thread_id = await placeInThread(models, stored);
  if (files) await attachFiles(models, files, thread_id);
  const recipients = listRecipients(inbound, read);
  await takeReport(options, stored, read, { recipients, raw: content.head });
  if (read.fault)
    await options.onUnread?.({
      ...read.fault,
      email_id: stored._id.toHexString(),
      raw_object_key: content.key,
    });
  return { mail: (await findInbound(options, message_id)) ?? stored, is_new: !known };
}

/** Senders choose Message-IDs freely: a mail with the id of another one must be stored all the same. */
async function chooseMessageId(
  options: EmailHistoryOptions,
  read: ReadMail,
  content: MailContent,
): Promise<string> {
  if (read.message_id === undefined) return `${content.digest}@content.invalid`;
  const other = await findInbound(options, read.message_id);
  return !other || isSameMail(other, read, content) ? read.message_id : `${content.digest}@repeated.invalid`;
}

// The same mail by another way differs in the lines that servers add.
function isSameMail(stored: Stored<EmailCommunication>, read: ReadMail, { key }: MailContent): boolean {
  if (stored.raw_object_key === key) return true;
  return (
    stored.from?.address === read.from?.address &&
    stored.subject === read.subject &&
    (stored.text_body ?? '') === read.text &&
    (stored.html_body ?? '') === read.html &&
    (stored.attachments ?? []).map((file) => file.sha256).join() ===
      read.files.map(({ sha256 }) => sha256).join()
  );
}

async function storeMail(
  options: EmailHistoryOptions,
  inbound: InboundMail,
  read: ReadMail,
  content: MailContent,
  message_id: string,
): Promise<Stored<EmailCommunication>> {
  const { models, objects } = options;
  await content.store(objects);
  const attachments = await storeFiles(objects, read.files);
  const { isOurs, ...match } = await lookUp(options, inbound, read);
  const automatic_kind = classifyMail(read.headers, {
    fromAddress: read.from?.address,
    mailboxes: [options.addressing.mailbox, inbound.mailbox],
    isOurs,
  });
  const emails = models.of(EmailCommunication);
  const document = {
    ...describe(options, inbound, read, content, message_id),
    ...(attachments.length > 0 && { attachments }),
    ...(automatic_kind && { automatic_kind }),
    ...match,
  };
  try {
    return (await emails.create(document)).toObject();
  } catch (error) {
    if (isDuplicateKey(error)) {
      const winner = await findInbound(options, message_id);
      if (winner) return winner;
    }
    if (!isUnstorable(error)) throw error;
    // No content that a sender wrote may lose the mail.
    const { message_id: id, direction, state, mailbox, size_bytes, raw_object_key, occurred_at } = document;
    const bare = { message_id: id, direction, state, mailbox, size_bytes, raw_object_key, occurred_at };
    const defects = [...read.defects, 'unstorable'];
    const subject = read.subject.slice(0, mailLimits.subjectCharacters);
    return (
      await emails.create({
        ...bare,
        ...match,
        subject,
        participants: [],
        thread_id: id,
        malformed: true,
        defects,
      })
    ).toObject();
  }
}

/** Whether a record was refused for its content: by a rule of the collection, or for its size. */
function isUnstorable(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return (
    error instanceof MongooseError.ValidationError ||
    name === 'MongoInvalidArgumentError' ||
    error instanceof RangeError ||
    code === 10_334 ||
    code === 17_280
  );
}

function describe(
  { now }: EmailHistoryOptions,
  inbound: InboundMail,
  read: ReadMail,
  { key, size_bytes }: MailContent,
  message_id: string,
) {
  const { from, to, cc, bcc, reply_to, text, html, in_reply_to, references, headers } = read;
  const isRepeated = read.message_id !== undefined && read.message_id !== message_id;
  const defects = [...read.defects, ...(isRepeated ? ['message-id-taken'] : [])];
  const cause_id = currentActor()?.cause_id;
  const participants = new Set([...(from ? [from] : []), ...to, ...cc, ...bcc].map(({ address }) => address));
  return {
    message_id,
    direction: 'inbound' as const,
    state: 'received' as const,
    mailbox: inbound.mailbox,
    ...(from && { from }),
    ...Object.fromEntries(Object.entries({ to, cc, bcc, reply_to }).filter(([, list]) => list.length > 0)),
    participants: [...participants],
    subject: read.subject,
    ...(text && { text_body: text }),
    ...(html && { html_body: html }),
    ...(read.is_truncated && { truncated: true }),
    ...(headers.lines.length > 0 && { headers: [...headers.lines] }),
    raw_object_key: key,
    size_bytes,
    thread_id: guessThread({ message_id, ...(in_reply_to && { in_reply_to }), references }),
    ...(in_reply_to && { in_reply_to }),
    ...(references.length > 0 && { references }),
    malformed: defects.length > 0,
    ...(defects.length > 0 && { defects }),
    ...(read.header_date && { header_date: read.header_date }),
    occurred_at: inbound.received_at ?? now?.() ?? new Date(),
    ...(cause_id && { cause_id }),
  };
}

/** Looks a mail up in the records: whether it was sent from here, and which entity it is about. */
async function lookUp(
  { models, addressing }: EmailHistoryOptions,
  inbound: InboundMail,
  read: ReadMail,
): Promise<{ isOurs: boolean } & Partial<EntityReference> & { matched_by?: EntityMatch }> {
  const isOurs =
    read.message_id !== undefined &&
    (await models.of(EmailCommunication).exists({ message_id: read.message_id, direction: 'outbound' })) !==
      null;
  // The signed token comes before the address, which anybody may write. Otherwise the conversation decides later.
  const byToken = addressing.findByToken(read.subject);
  if (byToken) return { isOurs, ...byToken, matched_by: 'reference_token' };
  const byAddress = addressing.findByAddress(listRecipients(inbound, read));
  return byAddress ? { isOurs, ...byAddress, matched_by: 'plus_address' } : { isOurs };
}

const recipientHeaders = ['delivered-to', 'x-original-to', 'envelope-to', 'to', 'cc', 'bcc'];

/** Addresses that the mail was brought to or names, in the letters in which they were written: return paths need them. */
function listRecipients({ recipients = [] }: InboundMail, { headers }: ReadMail): string[] {
  const written = recipientHeaders.flatMap((name) => headers.all(name));
  return [...recipients, ...written].flatMap((value) => value.match(/[^\s<>,;:"()]+@[^\s<>,;:"()]+/g) ?? []);
}

function findInbound({ models }: EmailHistoryOptions, message_id: string) {
  return models
    .of(EmailCommunication)
    .findOne({ message_id, direction: 'inbound' })
    .read('primary')
    .lean<Stored<EmailCommunication> | null>();
}
