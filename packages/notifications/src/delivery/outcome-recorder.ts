import { acceptDuplicates, type DocumentUpdate, type Stored } from '@infratraq/mongo';
import { statesBefore, type DeliveryState } from '../collections/delivery-state.js';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { PushNotificationLog } from '../collections/push-notification-log.js';
import type { RenderedText } from '../templates/template-catalog.js';
import { textOf } from './delivery-text.js';
import { hashAddress } from './delivery-id.js';
import { describePushLog, describeSmsLog } from './provider-logs.js';
import type { Dispatch, Try } from './dispatch.js';
import { SmsDeliveryLog } from '../collections/sms-delivery-log.js';

type Delivery = Stored<NotificationDelivery>;
type Reason = { readonly code: string; readonly message: string };

// A process that dies sends again what it had not stored yet: this much at most.
const writesHeld = 25;

/**
 * Stores the outcomes of deliveries in batches.
 *
 * Attempts are stored under their number, and states only move forward, so that storing twice changes nothing.
 */
export class OutcomeRecorder {
  readonly #context: NotificationContext;
  readonly #changes: DocumentUpdate[] = [];
  readonly #pushes: object[] = [];
  readonly #texts: object[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(context: NotificationContext) {
    this.#context = context;
  }

  /** Stores tries of a dispatch, and marks it as sent if a provider accepted one. */
  async record(dispatch: Dispatch, text: RenderedText, tries: readonly Try[]): Promise<void> {
    if (tries.length === 0) return;
    const accepted = tries.find(({ outcome }) => outcome.outcome === 'accepted');
    const attempts = tries.map((one) => describeAttempt(one, dispatch.attempt));
    for (const delivery of dispatch.deliveries) {
      if (accepted && delivery.state === 'queued')
        this.#move(delivery, 'sent', { at: accepted.at, text, attempts, tried: accepted });
      else this.#changes.push(changeOf(delivery, { $push: { attempts: { $each: attempts } } }));
    }
    for (const one of tries) {
      const cause_id = dispatch.deliveries[0]?.cause_id;
      if (one.address.channel === 'push') this.#pushes.push(describePushLog(one, dispatch, cause_id));
      if (one.address.channel === 'sms') this.#texts.push(describeSmsLog(one, cause_id));
    }
    await this.#writeWhenFull();
  }

  /** Marks deliveries as sent that an earlier try sent, of which only the provider's answer was stored. */
  async confirm(deliveries: readonly Delivery[], text: RenderedText): Promise<void> {
    for (const delivery of deliveries)
      if (delivery.state === 'queued') this.#move(delivery, 'sent', { at: this.#context.now(), text });
    await this.#writeWhenFull();
  }

  /** Marks deliveries as not to be sent. */
  async drop(deliveries: readonly Delivery[], to: DeliveryState, reason: string): Promise<void> {
    for (const delivery of deliveries) this.#move(delivery, to, { at: this.#context.now(), reason });
    await this.#writeWhenFull();
  }

  /** Stores when deliveries are due next. */
  async postpone(deliveries: readonly Delivery[], until: Date): Promise<void> {
    for (const delivery of deliveries)
      this.#changes.push(changeOf(delivery, { $set: { due_at: until } }, { state: 'queued' }));
    await this.#writeWhenFull();
  }

  /** Marks deliveries as failed without a dead letter: a replay would not help. */
  async fail(dispatch: Dispatch, text: RenderedText | undefined, reason: Reason): Promise<void> {
    const at = this.#context.now();
    const said = `${reason.code}: ${reason.message}`.slice(0, 500);
    for (const delivery of dispatch.deliveries)
      this.#move(delivery, 'failed', { at, reason: said, ...(text && { text }) });
    await this.#writeWhenFull();
  }

  /** Stores a dead letter, then marks the deliveries as failed. */
  async giveUp(
    dispatch: Dispatch,
    text: RenderedText | undefined,
    reason: Reason,
    provider?: string,
  ): Promise<void> {
    const [first] = dispatch.deliveries as [Delivery];
    const { notification_id, recipient_id, channel, type, cause_id } = first;
    await this.#context.keepDeadDelivery({
      delivery_ids: dispatch.deliveries.map(({ _id }) => String(_id)),
      notification_id,
      recipient_id,
      channel,
      type,
      reason,
      attempts: dispatch.attempt,
      at: this.#context.now(),
      ...(provider !== undefined && { provider }),
      ...(cause_id !== undefined && { cause_id }),
    });
    await this.fail(dispatch, text, reason);
  }

  /** Resolves once everything is stored. */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #move(
    delivery: Delivery,
    to: DeliveryState,
    move: { at: Date; reason?: string; text?: RenderedText; attempts?: object[]; tried?: Try },
  ): void {
    const { at, reason, text, attempts, tried } = move;
    const isInbox = delivery.channel === 'in_app';
    const leavesInbox = to === 'expired' && isInbox;
    // Without a title the template could not be rendered at first.
    const entersInbox = to === 'sent' && isInbox && delivery.title === undefined;
    const address = tried && addressOf(tried);
    const provider_message_id =
      tried?.outcome.outcome === 'accepted' ? tried.outcome.provider_message_id : undefined;
    this.#changes.push(
      changeOf(
        delivery,
        {
          $set: {
            state: to,
            ...(to === 'sent' && { sent_at: at }),
            ...(to === 'failed' && { failed_at: at }),
            ...(leavesInbox && { retracted_at: at }),
            ...(tried && { provider: tried.provider }),
            ...(provider_message_id !== undefined && { provider_message_id }),
            ...(address !== undefined && { address_sha256: hashAddress(address) }),
            ...(text && (!isInbox || entersInbox) && { ...textOf(text), template: text.template }),
            ...(entersInbox && { unread: true }),
          },
          ...(leavesInbox && { $unset: { unread: '' } }),
          ...(entersInbox && { $unset: { retracted_at: '' } }),
          $push: {
            transitions: { to, at, reported_by: 'sender', ...(reason !== undefined && { reason }) },
            ...(attempts && { attempts: { $each: attempts } }),
          },
        },
        { state: { $in: statesBefore(to) } },
      ),
    );
  }

  async #writeWhenFull(): Promise<void> {
    if (this.#changes.length < writesHeld) return;
    this.#write();
    await this.#writing;
  }

  #write(): void {
    const changes = this.#changes.splice(0);
    const pushes = this.#pushes.splice(0);
    const texts = this.#texts.splice(0);
    const { models } = this.#context;
    const write = async () => {
      // The providers' answers first: by them a later try skips the devices that were reached.
      if (pushes.length > 0) await insert(models, PushNotificationLog, pushes);
      if (texts.length > 0) await insert(models, SmsDeliveryLog, texts);
      // Changes of one delivery commute.
      await models.updateEach(NotificationDelivery, changes);
    };
    // A write after a failed one is stored all the same; the failure surfaces at the end.
    this.#writing = this.#writing.then(write, async (error: unknown) => {
      await write();
      throw error;
    });
    // The rejection surfaces where it is awaited; until then it needs a handler.
    this.#writing.catch(() => undefined);
  }
}

async function insert(
  models: NotificationContext['models'],
  target: typeof PushNotificationLog | typeof SmsDeliveryLog,
  documents: object[],
): Promise<void> {
  await models
    .of<object>(target)
    .insertMany(documents as never[], { ordered: false, lean: true })
    .catch(acceptDuplicates);
}

function changeOf(
  { _id, recipient_id }: Delivery,
  update: DocumentUpdate['update'],
  condition: DocumentUpdate['filter'] = {},
): DocumentUpdate {
  return { filter: { _id, recipient_id, ...condition }, update };
}

function describeAttempt({ outcome, at, duration_ms }: Try, attempt: number) {
  if (outcome.outcome === 'accepted') return { attempt, at, outcome: 'accepted', duration_ms };
  const { error_code, error_message } = outcome;
  const asked = outcome.outcome === 'rejected' ? undefined : outcome.retry_after_seconds;
  return {
    attempt,
    at,
    duration_ms,
    error_code,
    outcome: outcome.outcome,
    error_message: error_message.slice(0, 2_000),
    ...(asked !== undefined && { retry_after_seconds: asked }),
  };
}

function addressOf({ address }: Try): string | undefined {
  if (address.channel === 'email') return address.email;
  return address.channel === 'sms' ? address.phone : undefined;
}
