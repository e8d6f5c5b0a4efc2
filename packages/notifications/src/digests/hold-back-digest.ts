import type { Stored } from '@infratraq/mongo';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { checkBeforeSending } from '../delivery/check-before-sending.js';
import type { OutcomeRecorder } from '../delivery/outcome-recorder.js';
import type { SendContext } from '../delivery/send-context.js';
import type { NotificationContext } from '../context/notification-context.js';

/**
 * Drops the deliveries that are not to be sent any more. `until` is set when quiet hours of one of the others hold the
 * whole digest back.
 */
export async function holdBackDigest(
  context: NotificationContext,
  waiting: readonly Stored<NotificationDelivery>[],
  sendContext: SendContext,
  recorder: OutcomeRecorder,
): Promise<{ wanted: Stored<NotificationDelivery>[]; until: Date | undefined }> {
  const wanted: Stored<NotificationDelivery>[] = [];
  const at = context.now();
  let until: Date | undefined;
  for (const delivery of waiting) {
    const verdict = checkBeforeSending(context, delivery, sendContext, at);
    if (verdict.kind === 'drop') {
      await recorder.drop([delivery], verdict.to, verdict.reason);
      continue;
    }
    if (verdict.kind === 'wait') until = verdict.until;
    wanted.push(delivery);
  }
  return { wanted, until };
}
