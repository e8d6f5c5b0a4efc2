import type { EmailHistoryOptions } from '@infratraq/messaging';
import type { Models } from '@infratraq/mongo';
import { keepContentLetter } from '../platform/keep-content-letter.js';

type Told<Port extends 'onUnread' | 'onUnsignedReport'> = Parameters<
  NonNullable<EmailHistoryOptions[Port]>
>[0];

/** Tells operators of a mail that broke a limit when it was read. */
export function keepUnreadMail(
  models: Models,
  { email_id, raw_object_key, code, message }: Told<'onUnread'>,
): Promise<void> {
  return keepContentLetter(models, {
    origin: 'mail',
    target: 'reader:mails',
    source_position: email_id,
    reason: { code, message },
    payload: { email_id, raw_object_key },
  });
}

/** Tells operators of a bounce or complaint that anybody may have written; one letter for each mail and kind. */
export function keepUnsignedReport(
  models: Models,
  { kind, message_id, ...report }: Told<'onUnsignedReport'>,
): Promise<void> {
  return keepContentLetter(models, {
    origin: 'mail',
    target: `mail:${kind}`,
    source_position: message_id.slice(0, 400),
    reason: {
      code: 'mail.report-unsigned',
      message: `The ${kind} did not arrive at the return path of the mail: anybody may have written it`,
    },
    payload: { kind, message_id, ...report },
  });
}
