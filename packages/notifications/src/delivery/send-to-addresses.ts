import type { NotificationChannel } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { retryDelay } from '../providers/retry-delay.js';
import type { OutgoingMessage, RecipientAddress, Sender, SendOutcome } from '../senders/sender.js';
import { senderFor, type NotificationContext } from '../context/notification-context.js';
import type { RenderedText } from '../templates/template-catalog.js';
import { addressesOf, composeMessage } from './compose-message.js';
import { storedText } from './delivery-text.js';
import type { Dispatch, NextTry, Try } from './dispatch.js';
import type { OutcomeRecorder } from './outcome-recorder.js';

/** Sends a dispatch to every address of its recipient on the channel; answers when to try the rest again. */
export async function sendToAddresses(
  context: NotificationContext,
  dispatch: Dispatch,
  recorder: OutcomeRecorder,
): Promise<NextTry | undefined> {
  const [first] = dispatch.deliveries as [Stored<NotificationDelivery>];
  const { channel } = first;
  const entry = dispatch.entry ?? { user_id: first.recipient_id, name: first.recipient_id, devices: [] };
  let text: RenderedText;
  try {
    const isWorded = channel === 'in_app' && first.title !== undefined;
    text = isWorded ? storedText(first) : dispatch.render(entry, dispatch.locale);
  } catch (error) {
    await recorder.giveUp(dispatch, undefined, describeFault(error, 'notification.rendering'));
    return undefined;
  }
  const addresses = addressesOf(entry, channel).filter(
    (address) => address.channel !== 'push' || !dispatch.devicesReached.has(address.device_id),
  );
  const wasSent = dispatch.devicesReached.size > 0;
  if (addresses.length === 0) {
    if (wasSent) await recorder.confirm(dispatch.deliveries, text);
    else await recorder.fail(dispatch, text, noAddress(channel));
    return undefined;
  }
  const now = () => context.now();
  const results = await Promise.all(
    addresses.map((address) =>
      tryAddress(context, dispatch, composeMessage(context, dispatch, text, address)),
    ),
  );
  const tries = results.filter((result) => 'outcome' in result);
  await recorder.record(dispatch, text, tries);
  const refused = results.flatMap((result) => ('until' in result ? [result.until.getTime()] : []));
  const delays = tries.flatMap(({ outcome }) => {
    const delay = retryDelay(outcome, dispatch.attempt, context.retry, context.random);
    return delay === undefined ? [] : [delay];
  });
  const isAccepted = tries.some(({ outcome }) => outcome.outcome === 'accepted');
  if (wasSent && !isAccepted) await recorder.confirm(dispatch.deliveries, text);
  const isSent = isAccepted || wasSent;
  const again = isSent ? { again: true } : {};
  if (delays.length > 0) {
    const at = new Date(now().getTime() + Math.min(...delays));
    if (!isSent) await recorder.postpone(dispatch.deliveries, at);
    return { at, attempt: dispatch.attempt + 1, ...again };
  }
  if (refused.length > 0) {
    // Nothing was tried, so it does not count as an attempt. The jitter spreads what was refused together.
    const at = new Date(Math.min(...refused) + Math.floor(context.random() * 1_000));
    if (!isSent) await recorder.postpone(dispatch.deliveries, at);
    return { at, attempt: dispatch.attempt, ...again };
  }
  if (!isSent) await concludeFailure(dispatch, text, tries, recorder);
  return undefined;
}

async function concludeFailure(
  dispatch: Dispatch,
  text: RenderedText,
  tries: readonly Try[],
  recorder: OutcomeRecorder,
): Promise<void> {
  const isGone = ({ outcome }: Try) => outcome.outcome === 'rejected' && outcome.address_gone === true;
  const last = tries.findLast((one) => !isGone(one)) ?? tries.at(-1)!;
  const { outcome } = last;
  if (outcome.outcome === 'accepted') return;
  const reason = { code: outcome.error_code, message: outcome.error_message };
  // A replay could not reach an address that is gone.
  if (isGone(last)) await recorder.fail(dispatch, text, reason);
  else await recorder.giveUp(dispatch, text, reason, last.provider);
}

async function tryAddress(
  context: NotificationContext,
  dispatch: Dispatch,
  message: OutgoingMessage,
): Promise<Try | { readonly until: Date }> {
  const { address } = message;
  const sender = senderFor(context.senders, address);
  if (sender === undefined) return tryWithout(address, message, context.now());
  let at = context.now();
  let begun = performance.now();
  const outcome = await context.gateOf(sender.provider).pass(async () => {
    // The message may have waited for a slow or limited provider.
    if (!(await isStillWanted(context, dispatch, message))) return undefined;
    at = context.now();
    begun = performance.now();
    return callSender(context, sender, message);
  });
  // Not wanted any more: the next check finds why.
  if (outcome === undefined) return { until: context.now() };
  if (outcome.outcome === 'refused') return { until: outcome.until };
  if (outcome.outcome === 'rejected' && outcome.address_gone && address.channel !== 'in_app')
    await context.directory.retireAddress(message.recipient_id, address);
  const duration_ms = Math.round(performance.now() - begun);
  return { address, provider: sender.provider, message, outcome, at, duration_ms };
}

async function isStillWanted(
  { now, onError }: NotificationContext,
  dispatch: Dispatch,
  { not_after }: OutgoingMessage,
): Promise<boolean> {
  if (not_after !== undefined && not_after <= now()) return false;
  try {
    return await dispatch.isWanted();
  } catch (error) {
    // Others of the same job have been sent, and that must be stored: this one is tried again.
    onError(error, 'checking whether a message may still go out');
    return false;
  }
}

/** Without a sender: an inbox item is delivered already, any other address is rejected. */
function tryWithout(address: RecipientAddress, message: OutgoingMessage, at: Date): Try {
  const outcome: SendOutcome =
    address.channel === 'in_app'
      ? { outcome: 'accepted' }
      : {
          outcome: 'rejected',
          error_code: 'sender.missing',
          error_message: `No sender is set up for ${address.channel}`,
        };
  return {
    address,
    provider: address.channel === 'in_app' ? 'inbox' : 'none',
    message,
    outcome,
    at,
    duration_ms: 0,
  };
}

async function callSender(
  { onError }: NotificationContext,
  sender: Sender,
  message: OutgoingMessage,
): Promise<SendOutcome> {
  try {
    return await sender.send(message);
  } catch (error) {
    onError(error, `sending by ${sender.provider}`);
    const { code, message: error_message } = describeFault(error, 'sender.fault');
    return { outcome: 'unreachable', error_code: code, error_message };
  }
}

function noAddress(channel: NotificationChannel) {
  return { code: 'address.missing', message: `The recipient has no address for ${channel} any more` };
}

function describeFault(error: unknown, fallbackCode: string): { code: string; message: string } {
  const { code } = error as { code?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  return { code: typeof code === 'string' ? code : fallbackCode, message: message.slice(0, 2_000) };
}
