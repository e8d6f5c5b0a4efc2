import { EmailHistory } from '@infratraq/messaging';
import { watchMailbox } from '@infratraq/messaging/imap';
import { createMailboxPositionRepository } from '@infratraq/messaging/postgres';
import { inboundMailRoutes } from '@infratraq/messaging/routes';
import type { Feature } from '../feature.js';
import type { MailServices } from '../mail/index.js';
import { keepUnreadMail, keepUnsignedReport } from './keep-mail-letters.js';
import { takeReports, type ReportTaker } from './take-reports.js';

/** What mail that comes in needs of other features. */
export interface MailboxNeeds {
  readonly mail: Pick<MailServices, 'historyOptions'>;
  readonly notifications: { readonly notifications: ReportTaker };
}

/** Mail that comes in: read from a mailbox or handed over by HTTP. Notifications learn of bounces and complaints. */
export const mailbox: Feature<MailboxNeeds, { readonly emails: EmailHistory }> = {
  open: (
    { environment, postgres, models, confinedJobs, log },
    { mail, notifications: { notifications } },
  ) => {
    const { IMAP_URL: url, INBOUND_MAIL_SECRET: secret } = environment;
    const emails = new EmailHistory({
      ...mail.historyOptions,
      ...takeReports(notifications, { confinedJobs, log }),
      onUnsignedReport: (report) => keepUnsignedReport(models, report),
      onUnread: (unread) => keepUnreadMail(models, unread),
    });
    if (url === undefined) log.info('No mailbox is read; set IMAP_URL to keep the mail that it gets');
    if (secret === undefined)
      log.info('No mail is handed over by HTTP; set INBOUND_MAIL_SECRET to take it at /hooks/mail/inbound');
    return {
      services: { emails },
      routes: async (api) => {
        if (secret !== undefined) await api.register(inboundMailRoutes, { emails, secret });
      },
      start: async (_offers, defer) => {
        if (url === undefined) return;
        const watched = await watchMailbox({
          url,
          mailbox: emails.addressing.mailbox,
          positions: createMailboxPositionRepository(postgres),
          receive: (mail) => emails.receive(mail),
          onError: (error) => log.warn({ err: error }, 'the mailbox is read again as soon as it can be'),
        });
        defer(() => watched.close());
      },
    };
  },
};
