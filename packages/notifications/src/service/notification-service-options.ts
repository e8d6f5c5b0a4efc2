import type { EntityReference, RecipientPreferences, ReportError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { Jobs, OpenTransaction, Postgres, SqlTransaction } from '@infratraq/postgres';
import type { Directory } from '../recipients/directory.js';
import type { MailComplaints } from '../complaints/mail-complaints.js';
import type { ProviderLimits } from '../providers/provider-gate.js';
import type { RetryPolicy } from '../providers/retry-delay.js';
import type { Sender } from '../senders/sender.js';
import type { NotificationType } from '../templates/notification-type.js';
import type { DeadDelivery } from '../context/notification-context.js';

/** What the service works with. */
export interface NotificationServiceOptions {
  readonly models: Models;
  readonly postgres: Postgres;
  /** Opened with `notificationQueues`. */
  readonly jobs: Jobs;
  readonly directory: Directory;
  /** How recipients want to be told. Who is missing from the answer is told nothing. */
  readonly preferencesOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, RecipientPreferences>>;
  /**
   * Those of these users who may see an entity. It is asked about recipients of notifications about one, when they are
   * listed and again just before each message; without it, the sender of a notification decides.
   */
  readonly whoSees?: (entity: EntityReference, userIds: readonly string[]) => Promise<readonly string[]>;
  readonly types: readonly NotificationType[];
  /** Where several reach an address, the first is used. A channel without a sender is off. */
  readonly senders: readonly Sender[];
  /** What each provider can take from this process, by its sender's name. */
  readonly limits?: Readonly<Record<string, ProviderLimits>>;
  readonly retry?: RetryPolicy;
  /** Stores what mailboxes have called spam. Without it complaints are recorded on the delivery alone. */
  readonly complaints?: MailComplaints;
  /** URL for one-click unsubscribing from types: the one of a mail, or all of a digest. */
  readonly unsubscribeUrlOf?: (recipientId: string, types: readonly string[]) => string | undefined;
  /** Stores deliveries that were given up, for an operator to replay. May be called again for the same one. */
  readonly keepDeadDelivery?: (dead: DeadDelivery) => Promise<void>;
  /** Called when deliveries begin again. */
  readonly settleDeadDelivery?: (deliveryIds: readonly string[]) => Promise<void>;
  /** Told of failures in the background. */
  readonly onError?: ReportError;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** Makes a call part of a transaction: of ours, of a `pg` client, or of any other (see `SqlTransaction`). */
export interface WithinTransaction {
  readonly transaction?: OpenTransaction | SqlTransaction | undefined;
}

/** How much of the work is done at once in a process. */
export interface NotificationWorkers {
  /**
   * Jobs of up to a hundred deliveries each.
   * @default 3
   */
  readonly deliveries?: number;
}
