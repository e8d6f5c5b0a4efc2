import type {
  EntityReference,
  NotificationChannel,
  RecipientPreferences,
  ReportError,
} from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { Jobs, Postgres } from '@infratraq/postgres';
import type { EventEmitter } from 'node:events';
import type { Directory } from '../recipients/directory.js';
import type { NotificationOutbox } from '../postgres/notification-outbox.js';
import type { ProviderGate } from '../providers/provider-gate.js';
import type { RetryPolicy } from '../providers/retry-delay.js';
import type { RecipientAddress, Sender } from '../senders/sender.js';
import type { TemplateCatalog } from '../templates/template-catalog.js';

/** A delivery that was given up; `replay` begins it again. */
export interface DeadDelivery {
  readonly delivery_ids: readonly string[];
  readonly notification_id: string;
  readonly recipient_id: string;
  readonly channel: NotificationChannel;
  readonly type: string;
  /** The sender that was tried; absent where none was. */
  readonly provider?: string;
  readonly reason: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly at: Date;
  readonly cause_id?: string;
}

/** What changed in a user's inbox. */
export interface InboxChange {
  readonly user_id: string;
  /** Absent where many items changed. */
  readonly item_id?: string;
}

/** Emits changes of inboxes, for gateways to pass on. */
export type NotificationEvents = EventEmitter<{ 'inbox:changed': [InboxChange] }>;

/** What the parts of the service share. */
export interface NotificationContext {
  readonly models: Models;
  readonly postgres: Postgres;
  readonly jobs: Jobs;
  readonly outbox: NotificationOutbox;
  readonly directory: Directory;
  readonly preferencesOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, RecipientPreferences>>;
  readonly whoSees: (entity: EntityReference, userIds: readonly string[]) => Promise<readonly string[]>;
  readonly catalog: TemplateCatalog;
  readonly senders: readonly Sender[];
  readonly gateOf: (provider: string) => ProviderGate;
  readonly retry: RetryPolicy;
  readonly unsubscribeUrlOf:
    ((recipientId: string, types: readonly string[]) => string | undefined) | undefined;
  readonly keepDeadDelivery: (dead: DeadDelivery) => Promise<void>;
  readonly events: NotificationEvents;
  readonly now: () => Date;
  readonly random: () => number;
  readonly onError: ReportError;
}

/** The first sender that reaches an address. */
export function senderFor(senders: readonly Sender[], address: RecipientAddress): Sender | undefined {
  return senders.find((sender) => sender.channel === address.channel && sender.reaches(address));
}

/** Tells whether messages can be sent on a channel; the inbox needs no sender. */
export function servesChannel(
  { senders }: Pick<NotificationContext, 'senders'>,
  channel: NotificationChannel,
): boolean {
  return channel === 'in_app' || senders.some((sender) => sender.channel === channel);
}
