import { InfratraqError } from '@infratraq/kernel';
import type { EmailHistoryOptions } from '@infratraq/messaging';
import { parseDeliveryStatus, parseFeedbackReport } from '@infratraq/notifications/hooks';
import type { NotificationServices } from '../notifications/index.js';
import type { Platform } from '../platform/platform.js';

/** What learns of reports about mail. */
export type ReportTaker = Pick<NotificationServices['notifications'], 'report' | 'takeFeedback'>;

/**
 * Passes bounces and complaints that arrived at the return path of a mail on to notifications. A report may name other
 * mails as well, for which its return path proves nothing.
 */
export function takeReports(
  notifications: ReportTaker,
  { confinedJobs, log }: Pick<Platform, 'confinedJobs' | 'log'>,
): Pick<EmailHistoryOptions, 'onBounce' | 'onComplaint'> {
  const read = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // Another try would end in the same way, and the mail is kept.
      if (!(error instanceof InfratraqError) || error.status !== 422) throw error;
      log.warn({ err: error }, 'a report about mail could not be read');
    }
  };
  return {
    onBounce: ({ message_id }, report) =>
      read(async () => {
        for (const status of await parseDeliveryStatus(report, new Date(), confinedJobs))
          if (status.provider_message_id === `<${message_id}>`) await notifications.report(status);
      }),
    onComplaint: ({ message_id }, report) =>
      read(async () => {
        const feedback = await parseFeedbackReport(report, new Date(), confinedJobs);
        if (feedback?.provider_message_id === `<${message_id}>`) await notifications.takeFeedback(feedback);
      }),
  };
}
