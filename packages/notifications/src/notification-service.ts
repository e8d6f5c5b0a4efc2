import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  ConflictError,
  currentActor,
  InvalidInputError,
  NotFoundError,
  type NotificationChannel,
  type NotificationRequest,
  type Notifier,
  type RecipientPreferences,
} from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import type { Jobs, OpenTransaction, Postgres } from '@infratraq/postgres';
import { Types } from 'mongoose';
import type { Directory } from './recipients/directory.js';
import type { MailComplaints } from './complaints/mail-complaints.js';
import { createNotificationOutbox, type Withdrawal } from './postgres/notification-outbox.js';
import type { MailLink } from './callbacks/click-links.js';
import { applyFeedback } from './complaints/apply-feedback.js';
import type { MailFeedback } from './complaints/mail-feedback.js';
import { withholdComplained } from './complaints/withhold-complained.js';
import { applyReport } from './delivery/apply-report.js';
import { chunk } from './delivery/chunk.js';
import { deliverBatch } from './delivery/deliver-batch.js';
import { expandNotification } from './delivery/expand-notification.js';
import { ProviderGate, type ProviderLimits } from './delivery/provider-gate.js';
import {
  deliveriesPerJob,
  deliverQueue,
  digestQueue,
  expandQueue,
  reportQueue,
  sweepQueue,
  withdrawQueue,
} from './delivery/queues.js';
import { defaultRetryPolicy, type RetryPolicy } from './delivery/retry-delay.js';
import { retryReport, reportLater } from './delivery/retry-report.js';
import { defaultDigestType, sendDigest } from './delivery/send-digest.js';
import { sweepOutbox } from './delivery/sweep-outbox.js';
import { withdrawDeliveries } from './delivery/withdraw-deliveries.js';
import { recordClick } from './engagement/record-click.js';
import type { DeadDelivery, NotificationContext, NotificationEvents } from './notification-context.js';
import { NotificationDelivery } from './notification-delivery.js';
import type { NotificationType } from './notification-type.js';
import type { ProviderReport, Sender } from './senders/sender.js';
import { TemplateCatalog, type RenderedText } from './templates/template-catalog.js';

/** What notifications are sent with. */
export interface NotificationServiceOptions {
  readonly models: Models;
  readonly postgres: Postgres;
  /** Opened with `notificationQueues`. */
  readonly jobs: Jobs;
  readonly directory: Directory;
  /** How recipients want to be told; one who is missing from the answer is not told at all. */
  readonly preferencesOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, RecipientPreferences>>;
  readonly types: readonly NotificationType[];
  /** Where several reach an address, the first is used; a channel without one is off. */
  readonly senders: readonly Sender[];
  /** What each provider can take from this process, by its sender's name. */
  readonly limits?: Readonly<Record<string, ProviderLimits>>;
  readonly retry?: RetryPolicy;
  /** Keeps what mailboxes have called spam; without it complaints are noted, and mail goes on. */
  readonly complaints?: MailComplaints;
  /** The address that takes one-click unsubscribing of a recipient from types: one, or those that a digest tells of. */
  readonly unsubscribeUrlOf?: (recipientId: string, types: readonly string[]) => string | undefined;
  /** Keeps what was given up, so that somebody can look at it and replay it; may be called again for the same one. */
  readonly keepDeadDelivery?: (dead: DeadDelivery) => Promise<void>;
  /** Told of those that are begun again. */
  readonly settleDeadDelivery?: (deliveryIds: readonly string[]) => Promise<void>;
  readonly onError?: (error: unknown) => void;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** How much of the work is done at once in a process. */
export interface NotificationWorkers {
  /** Jobs of up to a hundred deliveries each; 3 unless told. */
  readonly deliveries?: number;
}

/**
 * Sends notifications: accepts them in PostgreSQL, makes deliveries of them and hands those to senders.
 *
 * @example
 * const notifications = new NotificationService({ models, postgres, jobs, directory, preferencesOf, types, senders });
 * await notifications.start();
 * await postgres.transaction(async (transaction) => {
 *   await transaction.updateTable('work_orders').set({ assignee: 'u-7' }).execute();
 *   await notifications.send({ to: { users: ['u-7'] }, type: 'work_order.assigned', data }, { transaction });
 * });
 */
export class NotificationService implements Notifier {
  /** Tells of changes of inboxes that this process made. */
  readonly events: NotificationEvents;
  readonly #context: NotificationContext;
  readonly #settleDeadDelivery: (deliveryIds: readonly string[]) => Promise<void>;
  readonly #complaints: MailComplaints | undefined;

  constructor(options: NotificationServiceOptions) {
    const { models, postgres, jobs, directory, types, senders, complaints, limits = {} } = options;
    const gates = new Map<string, ProviderGate>();
    const now = options.now ?? (() => new Date());
    const declared = types.some(({ type }) => type === defaultDigestType.type)
      ? types
      : [...types, defaultDigestType];
    this.events = new EventEmitter();
    this.#settleDeadDelivery = options.settleDeadDelivery ?? (async () => undefined);
    this.#complaints = complaints;
    this.#context = {
      models,
      postgres,
      jobs,
      directory,
      senders,
      preferencesOf: complaints
        ? withholdComplained(options.preferencesOf, { complaints, directory })
        : options.preferencesOf,
      outbox: createNotificationOutbox(postgres),
      catalog: new TemplateCatalog(declared),
      gateOf: (provider) => {
        const gate =
          gates.get(provider) ?? new ProviderGate(limits[provider], { now: () => now().getTime() });
        gates.set(provider, gate);
        return gate;
      },
      retry: options.retry ?? defaultRetryPolicy,
      unsubscribeUrlOf: options.unsubscribeUrlOf,
      keepDeadDelivery: options.keepDeadDelivery ?? (async () => undefined),
      events: this.events,
      now,
      random: options.random ?? Math.random,
      onError: options.onError ?? ((error) => process.emitWarning(error as Error)),
    };
  }

  /**
   * Promises a notification: with `transaction`, it is sent if and only if that commits.
   * @throws NotFoundError `notification.type-unknown`
   * @throws InvalidInputError `notification.data`, `notification.audience`
   */
  async send(
    request: NotificationRequest,
    { transaction }: { transaction?: OpenTransaction } = {},
  ): Promise<{ notification_id: string }> {
    const { catalog, postgres, outbox, jobs, now } = this.#context;
    const { users = [], groups = [], followers_of } = request.to;
    if (users.length + groups.length === 0 && followers_of === undefined)
      throw new InvalidInputError('A notification needs users, groups or followers_of to go to', {
        code: 'notification.audience',
      });
    const checked = { ...request, data: catalog.parseData(request.type, request.data) };
    const accept = async (within: OpenTransaction) => {
      const context = { cause_id: currentActor()?.cause_id, at: now() };
      const { notification_id, accepted } = await outbox.accept(checked, context, within);
      if (accepted) await jobs.add(expandQueue, [{ data: { notification_id } }], { transaction: within });
      return { notification_id };
    };
    return transaction ? accept(transaction) : postgres.db.transaction().execute(accept);
  }

  /**
   * Takes back what of a notification has not been sent yet; inbox items stay.
   * @throws NotFoundError `notification.unknown`
   */
  async cancel(notificationId: string, options: { transaction?: OpenTransaction } = {}): Promise<void> {
    const { transaction } = options;
    const withdrawn = await this.#withdraw({ notification_id: notificationId }, 'cancelled', transaction);
    if (withdrawn === 0 && (await this.#context.outbox.find([notificationId])).length === 0)
      throw new NotFoundError(`There is no notification ${notificationId} any more`, 'notification.unknown');
  }

  async retract(idempotencyKey: string, options: { transaction?: OpenTransaction } = {}): Promise<void> {
    await this.#withdraw({ idempotency_key: idempotencyKey }, 'retracted', options.transaction);
  }

  /** Takes in what a provider says of a message later on; repeated, late and early reports are fine. */
  async report(report: ProviderReport): Promise<void> {
    // A provider may report sooner than its answer is stored.
    if (!(await applyReport(this.#context, report))) await reportLater(this.#context, report, 1);
  }

  /** Takes in what a recipient has said of a mail; mail of a type that was called spam is not sent to them any more. */
  async takeFeedback(feedback: MailFeedback): Promise<void> {
    await applyFeedback({ models: this.#context.models, complaints: this.#complaints }, feedback);
  }

  /** Records that the recipient has followed a link of a mail. */
  async recordClick(link: Pick<MailLink, 'delivery_id' | 'recipient_id'>): Promise<void> {
    await recordClick(this.#context.models, link, this.#context.now());
  }

  /**
   * Has deliveries that were given up begun again: once, however many ask for it at the same moment.
   * @throws NotFoundError `delivery.unknown`
   * @throws ConflictError `delivery.not-failed`
   */
  async replay(deliveryIds: readonly string[]): Promise<void> {
    const { models, jobs } = this.#context;
    const deliveries = models.of(NotificationDelivery);
    const ids = deliveryIds.filter((id) => Types.ObjectId.isValid(id)).map((id) => new Types.ObjectId(id));
    const found = await deliveries.find({ _id: trusted({ $in: ids }) }).lean<NotificationDelivery[]>();
    if (found.length < deliveryIds.length || found.length === 0)
      throw new NotFoundError('There is no such delivery any more', 'delivery.unknown');
    if (found.some(({ state }) => state !== 'failed'))
      throw new ConflictError('Only failed deliveries can be replayed', 'delivery.not-failed');
    const references = found.map(({ _id, recipient_id }) => [String(_id), recipient_id] as const);
    const replay_id = randomUUID();
    const parts = chunk(references, deliveriesPerJob);
    await jobs.add(
      deliverQueue,
      parts.map((part) => ({ data: { deliveries: part, attempt: 1, replay_id } })),
    );
    await this.#settleDeadDelivery(deliveryIds);
  }

  /**
   * Shows what a recipient would get.
   * @throws InvalidInputError `notification.data`
   * @throws NotFoundError `notification.type-unknown`, `notification.template-missing`
   * @throws RenderingError
   */
  preview(input: {
    type: string;
    channel: NotificationChannel;
    locale: string;
    data: Readonly<Record<string, unknown>>;
    recipient?: { name: string };
  }): RenderedText {
    const { catalog } = this.#context;
    const { type, channel, locale, recipient = { name: 'Ada Example' } } = input;
    return catalog.render(type, channel, locale, catalog.parseData(type, input.data), recipient);
  }

  /** The declared types. */
  listTypes(): NotificationType[] {
    return this.#context.catalog.list();
  }

  /** Begins to do the work in this process, until the jobs are closed. */
  async start({ deliveries = 3 }: NotificationWorkers = {}): Promise<void> {
    const context = this.#context;
    const { jobs } = context;
    await jobs.work(expandQueue, {}, async ([job]) => expandNotification(context, job!));
    await jobs.work(deliverQueue, { concurrency: deliveries }, async ([job]) => deliverBatch(context, job!));
    await jobs.work(digestQueue, { concurrency: 2 }, async ([job]) => sendDigest(context, job!));
    await jobs.work(withdrawQueue, {}, async ([job]) => withdrawDeliveries(context, job!.data));
    await jobs.work(reportQueue, {}, async ([job]) => retryReport(context, job!));
    await jobs.work(sweepQueue, {}, async ([job]) => sweepOutbox(context, job!));
    await jobs.add(sweepQueue, [{ data: {}, key: 'sweep' }]);
  }

  /** Lets go of the providers; call it after the jobs are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#context.senders.map((sender) => sender.close()));
  }

  async #withdraw(
    by: { notification_id: string } | { idempotency_key: string },
    withdrawal: Withdrawal,
    transaction: OpenTransaction | undefined,
  ): Promise<number> {
    const { outbox, jobs, postgres, now } = this.#context;
    const withdraw = async (within: OpenTransaction) => {
      const ids = await outbox.withdraw(by, withdrawal, now(), within);
      const rows = ids.map((notification_id) => ({ data: { notification_id, withdrawal } }));
      await jobs.add(withdrawQueue, rows, { transaction: within });
      return ids.length;
    };
    return transaction ? withdraw(transaction) : postgres.db.transaction().execute(withdraw);
  }
}
