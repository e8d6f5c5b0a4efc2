import type { Environment } from '@infratraq/environment';
import { EmailHistory, MailAddressing, type EmailHistoryOptions } from '@infratraq/messaging';
import { readImapUrl } from '@infratraq/messaging/imap';
import { emailRoutes } from '@infratraq/messaging/routes';
import type { Sender } from '@infratraq/notifications';
import { hkdfSync } from 'node:crypto';
import type { AccessServices } from '../access/index.js';
import type { Feature } from '../feature.js';
import type { FileServices } from '../files/index.js';
import { mailFrom } from './mail-from.js';
import { recordSentMail } from './record-sent-mail.js';

/** What other features may do with the history of mail. */
export interface MailServices {
  /** Has a sender of mail keep the history of what it sends. */
  readonly record: (sender: Sender) => Sender;
  /** What a history of the same mails is opened with. */
  readonly historyOptions: EmailHistoryOptions;
  /** Where bounces of a mail are to go; undefined where nobody would read them. */
  readonly returnPathOf: (messageId: string) => string | undefined;
}

/** The history of mail that was sent and received. */
export const mail: Feature<{ access: AccessServices; files: FileServices }, MailServices> = {
  open: ({ environment, models, objects, signing, confinedJobs, log }, { access, files }) => {
    const addressing = new MailAddressing({
      mailbox: mailboxOf(environment),
      secret: new Uint8Array(hkdfSync('sha256', signing.secret, '', 'infratraq mail references', 32)),
    });
    const { entityFiles, scanner } = files;
    const stores = { models, access, objects, confinedJobs };
    const historyOptions = { ...stores, files: entityFiles, scanner, addressing };
    const history = new EmailHistory(historyOptions);
    const recording = {
      history,
      addressing,
      from: mailFrom(environment),
      onError: (error: unknown) => log.warn({ err: error }, 'the history of mail'),
    };
    return {
      services: {
        historyOptions,
        record: (sender) => recordSentMail(sender, recording),
        returnPathOf: (messageId) =>
          readsBounces(environment) ? addressing.returnPathOf(messageId) : undefined,
      },
      routes: async (api) => void (await api.register(emailRoutes, { emails: history })),
    };
  },
};

/** Whether bounces come back to us: mail is read, in the domain that it is sent from, as receivers expect of senders. */
function readsBounces(environment: Environment): boolean {
  const { IMAP_URL, INBOUND_MAIL_SECRET } = environment;
  if (IMAP_URL === undefined && INBOUND_MAIL_SECRET === undefined) return false;
  const domainOf = (address: string) => /@([\w.-]+)>?\s*$/.exec(address)?.[1]?.toLowerCase();
  return domainOf(mailboxOf(environment)) === domainOf(mailFrom(environment));
}

function mailboxOf({ INBOUND_MAIL_ADDRESS, IMAP_URL }: Environment): string {
  if (INBOUND_MAIL_ADDRESS !== undefined) return INBOUND_MAIL_ADDRESS;
  if (IMAP_URL === undefined) return 'inbox@localhost';
  const { user, host } = readImapUrl(IMAP_URL);
  return user.includes('@') ? user : `${user}@${host}`;
}
