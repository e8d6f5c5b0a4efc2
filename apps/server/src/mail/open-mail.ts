import type { AttachmentScanner } from '@infratraq/attachments';
import type { Environment } from '@infratraq/environment';
import type { EntityFiles } from '@infratraq/kernel';
import { EmailHistory, MailAddressing } from '@infratraq/messaging';
import { readImapUrl, watchMailbox, type WatchedMailbox } from '@infratraq/messaging/imap';
import { createMailboxPositionRepository } from '@infratraq/messaging/postgres';
import type { Models } from '@infratraq/mongo';
import type { NotificationService, Sender } from '@infratraq/notifications';
import { parseDeliveryStatus, parseFeedbackReport } from '@infratraq/notifications/hooks';
import type { ObjectStore } from '@infratraq/objects';
import type { Postgres } from '@infratraq/postgres';
import type { Logger } from 'pino';
import { hkdfSync } from 'node:crypto';
import { mailFrom } from '../notifications/open-senders.js';
import { recordSentMail } from './record-sent-mail.js';

/** What mail stands on. */
export interface OpenMailOptions {
  readonly environment: Environment;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly objects: ObjectStore;
  readonly files: EntityFiles;
  readonly scanner?: AttachmentScanner | undefined;
  /** Secret of links to files, from which the one of reference tokens is derived. */
  readonly linkSecret: string;
  readonly log: Logger;
}

/** Who hears what is said of mail that was sent. */
export type MailHearers = Pick<NotificationService, 'report' | 'takeFeedback'>;

export type Mail = ReturnType<typeof openMail>;

/** Opens the history of mails. */
export function openMail({
  environment,
  models,
  postgres,
  objects,
  files,
  scanner,
  linkSecret,
  log,
}: OpenMailOptions) {
  const { IMAP_URL, INBOUND_MAIL_SECRET } = environment;
  let hearers: MailHearers | undefined;
  const addressing = new MailAddressing({
    mailbox: mailboxOf(environment),
    secret: new Uint8Array(hkdfSync('sha256', linkSecret, '', 'infratraq mail references', 32)),
  });
  const emails = new EmailHistory({
    models,
    objects,
    files,
    scanner,
    addressing,
    onBounce: async (_bounce, raw) => {
      for (const said of await parseDeliveryStatus(raw, new Date())) await hearers?.report(said);
    },
    onComplaint: async (raw) => {
      const said = await parseFeedbackReport(raw, new Date());
      if (said) await hearers?.takeFeedback(said);
    },
  });
  if (IMAP_URL === undefined) log.info('No mailbox is read; set IMAP_URL to keep the mail that it gets');
  if (INBOUND_MAIL_SECRET === undefined)
    log.info('No mail is handed over by HTTP; set INBOUND_MAIL_SECRET to take it at /hooks/mail/inbound');
  let watched: WatchedMailbox | undefined;
  return {
    emails,
    ...(INBOUND_MAIL_SECRET !== undefined && { inbound: { emails, secret: INBOUND_MAIL_SECRET } }),
    /** Lets senders of mail keep the history of what they send. */
    record: (senders: readonly Sender[]): Sender[] =>
      senders.map((sender) =>
        recordSentMail(sender, {
          history: emails,
          addressing,
          from: mailFrom(environment),
          onError: (error) => log.warn({ err: error }, 'the history of mail'),
        }),
      ),
    /** Reads the mailbox where one is set up, and passes on what servers and readers say of mail that was sent. */
    async start(passOn?: MailHearers): Promise<void> {
      hearers = passOn;
      if (IMAP_URL === undefined) return;
      watched = await watchMailbox({
        url: IMAP_URL,
        mailbox: emails.addressing.mailbox,
        positions: createMailboxPositionRepository(postgres),
        receive: (mail) => emails.receive(mail),
        onError: (error) => log.warn({ err: error }, 'the mailbox is read again as soon as it can be'),
      });
    },
    close: async () => watched?.close(),
  };
}

function mailboxOf({ INBOUND_MAIL_ADDRESS, IMAP_URL }: Environment): string {
  if (INBOUND_MAIL_ADDRESS !== undefined) return INBOUND_MAIL_ADDRESS;
  if (IMAP_URL === undefined) return 'inbox@localhost';
  const { user, host } = readImapUrl(IMAP_URL);
  return user.includes('@') ? user : `${user}@${host}`;
}
