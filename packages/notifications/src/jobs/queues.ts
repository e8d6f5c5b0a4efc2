import type { NotificationChannel } from '@infratraq/kernel';
import { defineQueue } from '@infratraq/postgres';
import type { Withdrawal } from '../postgres/notification-outbox.js';
import type { ProviderReport } from '../senders/sender.js';

/** One page of a notification's audience, to be expanded into deliveries. */
export interface ExpandJob {
  readonly notification_id: string;
  /** The last recipient of the page before. */
  readonly after?: string;
}

/** Deliveries that are due together. */
export interface DeliverJob {
  /** Ids of deliveries with their recipients. */
  readonly deliveries: readonly (readonly [id: string, recipient: string])[];
  /** From 1; tries of a provider, not of this job. */
  readonly attempt: number;
  /** Sends also what was sent before: an inbox item has changed, or some devices were not reached. */
  readonly again?: boolean;
  /** Begins failed deliveries again, except those that another replay has begun. */
  readonly replay_id?: string;
}

/** A digest: what a window has collected for a recipient on one channel. */
export interface DigestJob {
  readonly digest_id: string;
  readonly recipient_id: string;
  readonly channel: NotificationChannel;
  readonly attempt: number;
}

/** A notification that was withdrawn. */
export interface WithdrawJob {
  readonly notification_id: string;
  readonly withdrawal: Withdrawal;
}

/** A provider's report about a message that is not known yet. */
export interface ReportJob {
  readonly report: Omit<ProviderReport, 'at'> & { readonly at: string };
  readonly attempt: number;
}

/** Deliveries that one job holds at most. */
export const deliveriesPerJob = 100;

export const expandQueue = defineQueue<ExpandJob>('notification-expand', { access: 'recipients' });
export const deliverQueue = defineQueue<DeliverJob>('notification-deliver', { access: 'recipients' });
// Keyed by digest: one worker sends it, and a delivery that joins meanwhile gets another job.
export const digestQueue = defineQueue<DigestJob>('notification-digest', {
  keyed: true,
  access: 'recipients',
});
export const withdrawQueue = defineQueue<WithdrawJob>('notification-withdraw', { access: 'nobody' });
export const reportQueue = defineQueue<ReportJob>('notification-report', { access: 'nobody' });
export const sweepQueue = defineQueue<Record<string, never>>('notification-sweep', {
  keyed: true,
  access: 'nobody',
});

/** Every queue that notifications use; open the jobs with these. */
export const notificationQueues = [
  expandQueue,
  deliverQueue,
  digestQueue,
  withdrawQueue,
  reportQueue,
  sweepQueue,
] as const;
