import { currentActor, type OutboundMail } from '@infratraq/kernel';
import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import type { EmailAddress } from '../collections/email-communication-parts.js';
import { EmailCommunication, type EmailState } from '../collections/email-communication.js';
import { parseAddressHeader } from 'mailparser';
import { attachFiles } from './filing/attach-files.js';
import type { EmailHistoryOptions } from './email-history-options.js';
import { cleanLine, cleanText, readMessageId } from './parsing/mail-headers.js';
import { mailLimits } from './parsing/mail-limits.js';
import { guessThread, placeInThread } from './filing/place-in-thread.js';
import { sanitiseHtml } from './parsing/sanitise-html.js';

/** Records a mail that is about to be sent. A second attempt finds the record. */
export async function beginOutbound(
  { models, addressing, files, now }: Pick<EmailHistoryOptions, 'models' | 'addressing' | 'files' | 'now'>,
  mail: OutboundMail,
): Promise<void> {
  const message_id = bare(mail.message_id);
  const emails = models.of(EmailCommunication);
  if (await emails.exists({ message_id, direction: 'outbound' })) return;
  const [from] = addresses([mail.from]);
  const [to, cc] = [addresses(mail.to), addresses(mail.cc ?? [])];
  const in_reply_to = mail.in_reply_to && bare(mail.in_reply_to);
  const { text = '', html = '', entity, notification_id } = mail;
  const cause_id = currentActor()?.cause_id;
  try {
    const stored = await emails.create({
      message_id,
      direction: 'outbound',
      state: 'queued',
      mailbox: from?.address ?? addressing.mailbox,
      ...(from && { from }),
      ...(to.length > 0 && { to }),
      ...(cc.length > 0 && { cc }),
      participants: [...new Set([...(from ? [from] : []), ...to, ...cc].map(({ address }) => address))],
      subject: cleanLine(mail.subject, mailLimits.subjectCharacters),
      ...(text && { text_body: cleanText(text, mailLimits.textCharacters) }),
      ...(html && { html_body: sanitiseHtml(html.slice(0, mailLimits.htmlCharacters)) }),
      size_bytes: Buffer.byteLength(text) + Buffer.byteLength(html),
      thread_id: guessThread({ message_id, ...(in_reply_to && { in_reply_to }) }),
      ...(in_reply_to && { in_reply_to, references: [in_reply_to] }),
      ...(entity && { entity_type: entity.entity_type, entity_id: entity.entity_id }),
      ...(notification_id && { notification_id }),
      malformed: false,
      occurred_at: now?.() ?? new Date(),
      ...(cause_id && { cause_id }),
    });
    const thread_id = await placeInThread(models, stored.toObject());
    // The mail that this one answers may have had no entity until now.
    if (files) await attachFiles(models, files, thread_id);
  } catch (error) {
    // Another process has recorded the same mail.
    if (!isDuplicateKey(error)) throw error;
  }
}

/** The mail server's answer. */
export interface SendOutcome {
  readonly message_id: string;
  readonly state: 'sent' | 'failed';
  readonly response?: string | undefined;
}

const unfinished: EmailState[] = ['queued', 'failed'];

/** Records the outcome of a mail. A bounce that arrived before it stays. */
export async function finishOutbound(
  models: Models,
  { message_id, state, response }: SendOutcome,
): Promise<void> {
  await models
    .of(EmailCommunication)
    .updateOne(
      { message_id: bare(message_id), direction: 'outbound', state: trusted({ $in: unfinished }) },
      { $set: { state, ...(response && { provider_response: cleanText(response, 2_000) }) } },
    );
}

function bare(messageId: string): string {
  return readMessageId(messageId) ?? cleanText(messageId, mailLimits.messageIdCharacters);
}

function addresses(given: readonly string[]): EmailAddress[] {
  return parseAddressHeader([...given], { flatten: true })
    .value.map(({ address = '', name }) => ({ address: address.toLowerCase(), ...(name && { name }) }))
    .filter(({ address }) => address.length > 0 && address.length <= mailLimits.addressCharacters);
}
