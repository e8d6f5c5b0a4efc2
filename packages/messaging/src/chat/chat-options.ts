import type { Notifier, ReportError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ChatMembership } from './membership.js';
import type { SendRateOptions } from './rules/send-rate.js';
import type { VisibleFiles } from './sending/send-message.js';

/** Models, ports and limits of chat. */
export interface ChatOptions {
  readonly models: Models;
  readonly membership: ChatMembership;
  /** Rate of each user through this process; unlimited by default. */
  readonly sendRate?: SendRateOptions | undefined;
  /** Longest retention of a channel, in days; messages are kept for good by default. */
  readonly retentionDays?: number | undefined;
  /** Messages with files that it does not answer are refused; without it, any attachment is stored as it is given. */
  readonly visibleFiles?: VisibleFiles | undefined;
  /** Notifies users whom a message mentions (`chat.mentioned`); nobody is notified without it. */
  readonly notifier?: Notifier | undefined;
  /** Receives failures to notify; `announcePending` tries again. @default warnings of the process */
  readonly onError?: ReportError | undefined;
  readonly now?: () => Date;
}
