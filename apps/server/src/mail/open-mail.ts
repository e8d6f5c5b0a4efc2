import type { AttachmentScanner } from '@infratraq/attachments';
import type { Environment } from '@infratraq/environment';
import { EmailHistory, MailAddressing, type Bounce } from '@infratraq/messaging';
import { readImapUrl, watchMailbox } from '@infratraq/messaging/imap';
import type { Models } from '@infratraq/mongo';
import type { ObjectStore } from '@infratraq/objects';
import { createMailboxPositionRepository, type Postgres } from '@infratraq/postgres';
import type { Logger } from 'pino';
import { hkdfSync } from 'node:crypto';

/** What mail stands on. */
export interface OpenMailOptions {
  readonly environment: Environment;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly objects: ObjectStore;
  readonly scanner?: AttachmentScanner | undefined;
  /** Secret of links to files, from which the one of reference tokens is derived. */
  readonly linkSecret: string;
  readonly onBounce?: (bounce: Bounce) => Promise<void>;
  readonly log: Logger;
}

export type Mail = Awaited<ReturnType<typeof openMail>>;

/** Opens the history of mails, and reads the mailbox where one is set up. */
export async function openMail(options: OpenMailOptions) {
  const { environment, models, postgres, objects, scanner, linkSecret, onBounce, log } = options;
  const { IMAP_URL, INBOUND_MAIL_SECRET } = environment;
  const emails = new EmailHistory({
    ...{ models, objects, scanner },
    addressing: new MailAddressing({
      mailbox: mailboxOf(environment),
      secret: new Uint8Array(hkdfSync('sha256', linkSecret, '', 'infratraq mail references', 32)),
    }),
    ...(onBounce && { onBounce }),
    onReceived: ({ message_id, malformed }) => log.debug({ message_id, malformed }, 'a mail came in'),
  });
  if (IMAP_URL === undefined) log.info('No mailbox is read; set IMAP_URL to keep the mail that it gets');
  if (INBOUND_MAIL_SECRET === undefined)
    log.info('No mail is handed over by HTTP; set INBOUND_MAIL_SECRET to take it at /hooks/mail/inbound');
  const watched =
    IMAP_URL === undefined
      ? undefined
      : await watchMailbox({
          url: IMAP_URL,
          mailbox: emails.addressing.mailbox,
          positions: createMailboxPositionRepository(postgres),
          receive: (mail) => emails.receive(mail),
          onError: (error) => log.warn({ err: error }, 'the mailbox is read again as soon as it can be'),
        });
  return {
    emails,
    ...(INBOUND_MAIL_SECRET !== undefined && { inbound: { emails, secret: INBOUND_MAIL_SECRET } }),
    async close() {
      await watched?.close();
    },
  };
}

function mailboxOf({ INBOUND_MAIL_ADDRESS, IMAP_URL }: Environment): string {
  if (INBOUND_MAIL_ADDRESS !== undefined) return INBOUND_MAIL_ADDRESS;
  if (IMAP_URL === undefined) return 'inbox@localhost';
  const { user, host } = readImapUrl(IMAP_URL);
  return user.includes('@') ? user : `${user}@${host}`;
}
