import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  ConflictError,
  currentActor,
  InvalidInputError,
  NotFoundError,
  parseInput,
  type NotificationChannel,
  type NotificationRequest,
  type Notifier,
  warnOfError,
} from '@infratraq/kernel';
import { trusted } from '@infratraq/mongo';
import { adoptTransaction, type OpenTransaction } from '@infratraq/postgres';
import { Types } from 'mongoose';
import type { MailComplaints } from '../complaints/mail-complaints.js';
import { createNotificationOutbox, type Withdrawal } from '../postgres/notification-outbox.js';
import type { MailLink } from '../callbacks/click-links.js';
import { applyFeedback } from '../complaints/apply-feedback.js';
import type { MailFeedback } from '../complaints/mail-feedback.js';
import { withholdComplained } from '../complaints/withhold-complained.js';
import { applyReport } from '../reports/apply-report.js';
import { chunk } from '../jobs/chunk.js';
import { deliverBatch } from '../delivery/deliver-batch.js';
import { expandNotification } from '../expansion/expand-notification.js';
import { ProviderGate } from '../providers/provider-gate.js';
import {
  deliveriesPerJob,
  deliverQueue,
  digestQueue,
  expandQueue,
  reportQueue,
  sweepQueue,
  withdrawQueue,
} from '../jobs/queues.js';
import { defaultRetryPolicy } from '../providers/retry-delay.js';
import { retryReport, reportLater } from '../reports/retry-report.js';
import { defaultDigestType } from '../digests/digest-type.js';
import { sendDigest } from '../digests/send-digest.js';
import { sweepOutbox } from '../jobs/sweep-outbox.js';
import { withdrawDeliveries } from '../expansion/withdraw-deliveries.js';
import { recordClick } from '../engagement/record-click.js';
import {
  deliveryIdsSchema,
  feedbackSchema,
  idempotencyKeySchema,
  notificationIdSchema,
  previewSchema,
  reportSchema,
  requestSchema,
} from './input-schemas.js';
import type { NotificationContext, NotificationEvents } from '../context/notification-context.js';
import type {
  NotificationServiceOptions,
  NotificationWorkers,
  WithinTransaction,
} from './notification-service-options.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { NotificationType } from '../templates/notification-type.js';
import type { ProviderReport } from '../senders/sender.js';
import { TemplateCatalog, type RenderedText } from '../templates/template-catalog.js';

/**
 * Sends notifications: accepts them in PostgreSQL, expands them into deliveries, and hands those to senders.
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
  /** Emits the changes of inboxes that this process makes. */
  readonly events: NotificationEvents;
  readonly #context: NotificationContext;
  readonly #settleDeadDelivery: (deliveryIds: readonly string[]) => Promise<void>;
  readonly #complaints: MailComplaints | undefined;

  constructor(options: NotificationServiceOptions) {
    const { models, postgres, jobs, directory, types, senders, complaints, limits = {} } = options;
    const { random = Math.random } = options;
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
      whoSees: options.whoSees ?? (async (_entity, userIds) => userIds),
      outbox: createNotificationOutbox(postgres),
      catalog: new TemplateCatalog(declared),
      gateOf: (provider) => {
        const clock = { now: () => now().getTime(), random };
        const gate = gates.get(provider) ?? new ProviderGate(limits[provider], clock);
        gates.set(provider, gate);
        return gate;
      },
      retry: options.retry ?? defaultRetryPolicy,
      unsubscribeUrlOf: options.unsubscribeUrlOf,
      keepDeadDelivery: options.keepDeadDelivery ?? (async () => undefined),
      events: this.events,
      now,
      random,
      onError: options.onError ?? warnOfError,
    };
  }

  /**
   * Promises a notification: with `transaction`, it is sent if and only if that commits.
   * @throws NotFoundError `notification.type-unknown`
   * @throws InvalidInputError `notification.request`, `notification.data`, `notification.audience`,
   * `notification.expired`
   * @throws ConflictError `notification.key-reused` for another notification under a known idempotency key
   */
  async send(
    request: NotificationRequest,
    { transaction }: WithinTransaction = {},
  ): Promise<{ notification_id: string }> {
    parseInput(requestSchema, request, 'notification.request');
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
    return transaction ? accept(adoptTransaction(transaction)) : postgres.db.transaction().execute(accept);
  }

  /**
   * Cancels the deliveries of a notification that have not been sent yet; inbox items stay.
   * @throws NotFoundError `notification.unknown`
   * @throws InvalidInputError `notification.id`
   */
  async cancel(notificationId: string, { transaction }: WithinTransaction = {}): Promise<void> {
    parseInput(notificationIdSchema, notificationId, 'notification.id');
    const withdrawn = await this.#withdraw({ notification_id: notificationId }, 'cancelled', transaction);
    if (withdrawn === 0 && (await this.#context.outbox.find([notificationId])).length === 0)
      throw new NotFoundError(`There is no notification ${notificationId} any more`, 'notification.unknown');
  }

  /** @throws InvalidInputError `notification.idempotency-key` */
  async retract(idempotencyKey: string, { transaction }: WithinTransaction = {}): Promise<void> {
    parseInput(idempotencyKeySchema, idempotencyKey, 'notification.idempotency-key');
    await this.#withdraw({ idempotency_key: idempotencyKey }, 'retracted', transaction);
  }

  /**
   * Applies what a provider says of a message later on; reports may be repeated, late or early.
   * @throws InvalidInputError `notification.report`
   */
  async report(report: ProviderReport): Promise<void> {
    parseInput(reportSchema, report, 'notification.report');
    // A provider may report sooner than its answer is stored.
    if (!(await applyReport(this.#context, report))) await reportLater(this.#context, report, 1);
  }

  /**
   * Applies what a recipient has said of a mail: a type that was called spam is mailed to them no more.
   * @throws InvalidInputError `notification.feedback`
   */
  async takeFeedback(feedback: MailFeedback): Promise<void> {
    parseInput(feedbackSchema, feedback, 'notification.feedback');
    await applyFeedback({ models: this.#context.models, complaints: this.#complaints }, feedback);
  }

  /** Records that the recipient followed a link in a mail. */
  async recordClick(link: Pick<MailLink, 'delivery_id' | 'recipient_id'>): Promise<void> {
    await recordClick(this.#context.models, link, this.#context.now());
  }

  /**
   * Begins deliveries again that were given up: once, however many ask for it at the same moment.
   * @throws NotFoundError `delivery.unknown`
   * @throws ConflictError `delivery.not-failed`
   * @throws InvalidInputError `delivery.ids`
   */
  async replay(deliveryIds: readonly string[]): Promise<void> {
    parseInput(deliveryIdsSchema, deliveryIds, 'delivery.ids');
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
   * Renders what a recipient would get.
   * @throws InvalidInputError `notification.preview`, `notification.data`
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
    parseInput(previewSchema, input, 'notification.preview');
    const { catalog } = this.#context;
    const { type, channel, locale, recipient = { name: 'Ada Example' } } = input;
    return catalog.render(type, channel, locale, catalog.parseData(type, input.data), recipient);
  }

  /** The declared types. */
  listTypes(): NotificationType[] {
    return this.#context.catalog.list();
  }

  /** Starts the workers of this process; they stop when the jobs are closed. */
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

  /** Closes the senders; call it after the jobs are closed. */
  async close(): Promise<void> {
    await Promise.all(this.#context.senders.map((sender) => sender.close()));
  }

  async #withdraw(
    by: { notification_id: string } | { idempotency_key: string },
    withdrawal: Withdrawal,
    transaction: WithinTransaction['transaction'],
  ): Promise<number> {
    const { outbox, jobs, postgres, now } = this.#context;
    const withdraw = async (within: OpenTransaction) => {
      const ids = await outbox.withdraw(by, withdrawal, now(), within);
      const rows = ids.map((notification_id) => ({ data: { notification_id, withdrawal } }));
      await jobs.add(withdrawQueue, rows, { transaction: within });
      return ids.length;
    };
    return transaction
      ? withdraw(adoptTransaction(transaction))
      : postgres.db.transaction().execute(withdraw);
  }
}
