import { DeadLetterEvent } from '@infratraq/integration';
import { trusted, type Models } from '@infratraq/mongo';
import type { DeadDelivery } from '@infratraq/notifications';

/** What the dead letter of a delivery holds. */
export type DeadDeliveryPayload = Pick<DeadDelivery, 'delivery_ids' | 'notification_id' | 'channel' | 'type'>;

/** Keeps a delivery that was given up as a dead letter; keeping it again only counts its attempts on. */
export async function keepDeadDelivery(models: Models, dead: DeadDelivery): Promise<void> {
  const { delivery_ids, notification_id, recipient_id, channel, type, provider, attempts, at, cause_id } =
    dead;
  const payload: DeadDeliveryPayload = { delivery_ids, notification_id, channel, type };
  const { code, message } = dead.reason;
  const letter = {
    created_at: at,
    origin: 'notification' as const,
    payload,
    replayable: true,
    user_id: recipient_id,
    ...(cause_id !== undefined && { cause_id }),
  };
  await models.of(DeadLetterEvent).updateOne(
    { target: targetOf(provider ?? channel), source_position: delivery_ids[0]! },
    {
      $set: {
        reason: { code: code.slice(0, 200), message: message.slice(0, 4_000) || 'no reason was given' },
        attempts,
        last_attempt_at: at,
        state: 'open',
      },
      $unset: { resolution: '' },
      $setOnInsert: letter,
    },
    { upsert: true, runValidators: true },
  );
}

/** Settles the dead letters of deliveries that are begun again. */
export async function settleDeadDeliveries(
  models: Models,
  deliveryIds: readonly string[],
  by: string,
): Promise<void> {
  await models
    .of(DeadLetterEvent)
    .updateMany(
      { origin: 'notification', source_position: trusted({ $in: [...deliveryIds] }), state: 'open' },
      { $set: { state: 'replayed', resolution: { resolved_at: new Date(), resolved_by: by } } },
    );
}

function targetOf(provider: string): string {
  return `sender:${provider}`;
}
