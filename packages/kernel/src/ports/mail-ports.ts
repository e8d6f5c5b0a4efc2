import type { EntityReference } from '../policy/query.js';

/** A mail that is about to be sent, as its history keeps it. */
export interface OutboundMail {
  /** Message-ID, with or without angle brackets; the same id is recorded once. */
  readonly message_id: string;
  /** Address with or without a name: `InfraTraq <notices@example.org>`. */
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** Message-ID of the mail that this one answers. */
  readonly in_reply_to?: string;
  readonly entity?: EntityReference;
  readonly notification_id?: string;
}

/** Keeps the history of mails that are sent. */
export interface OutboundMailRecorder {
  /** Before the mail is handed to its server, so that an answer to it always finds it. */
  begin(mail: OutboundMail): Promise<void>;
  /** Once the server has answered; a mail that has bounced since then stays bounced. */
  finish(messageId: string, state: 'sent' | 'failed', response?: string): Promise<void>;
}
