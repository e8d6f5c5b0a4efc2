import type { DirectoryEntry, NotificationChannel } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import { senderFor, type NotificationContext } from '../notification-context.js';
import type { NotificationDelivery } from '../notification-delivery.js';
import type { OutgoingMessage, RecipientAddress, Sender, SendOutcome } from '../senders/sender.js';
import type { RenderedText } from '../templates/template-catalog.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import { retryDelay } from './retry-delay.js';

/** One message to a recipient on one channel, which may go to several devices and stand for several deliveries. */
export interface Dispatch {
  readonly deliveries: readonly Stored<NotificationDelivery>[];
  /** Stable over every try. */
  readonly delivery_id: string;
  readonly entry: DirectoryEntry | undefined;
  readonly locale: string;
  readonly attempt: number;
  readonly devicesReached: ReadonlySet<string>;
  readonly collapse_key?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly render: (entry: DirectoryEntry, locale: string) => RenderedText;
}

/** When a dispatch is to be tried again. */
export interface NextTry {
  readonly at: Date;
  readonly attempt: number;
  readonly again?: boolean;
}

/** A try at one address, with what the provider answered. */
export interface Try {
  readonly address: RecipientAddress;
  readonly provider: string;
  readonly message: OutgoingMessage;
  readonly outcome: SendOutcome;
  readonly at: Date;
  readonly duration_ms: number;
}

/** Sends a dispatch to every address it has on its channel; answers when what is left is to be tried again. */
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
    text = channel === 'in_app' ? storedText(first) : dispatch.render(entry, dispatch.locale);
  } catch (error) {
    await recorder.giveUp(dispatch, undefined, describeFault(error, 'notification.rendering'));
    return undefined;
  }
  const addresses = addressesOf(entry, channel).filter(
    (address) => address.channel !== 'push' || !dispatch.devicesReached.has(address.device_id),
  );
  if (addresses.length === 0) {
    if (dispatch.devicesReached.size === 0) await recorder.fail(dispatch, text, noAddress(channel));
    return undefined;
  }
  const now = () => context.now();
  const results = await Promise.all(
    addresses.map((address) =>
      tryAddress(context, composeMessage(context, dispatch, text, address), address),
    ),
  );
  const tries = results.filter((result) => 'outcome' in result);
  await recorder.record(dispatch, text, tries);
  if (results.every((result) => 'isLate' in result)) {
    await recorder.drop(dispatch.deliveries, 'expired', 'its turn at the provider came too late');
    return undefined;
  }
  const refused = results.flatMap((result) => ('until' in result ? [result.until.getTime()] : []));
  const delays = tries.flatMap(({ outcome }) => {
    const delay = retryDelay(outcome, dispatch.attempt, context.retry, context.random);
    return delay === undefined ? [] : [delay];
  });
  const isSent =
    tries.some(({ outcome }) => outcome.outcome === 'accepted') || dispatch.devicesReached.size > 0;
  const again = isSent ? { again: true } : {};
  if (delays.length > 0) {
    const at = new Date(now().getTime() + Math.min(...delays));
    if (!isSent) await recorder.postpone(dispatch.deliveries, at);
    return { at, attempt: dispatch.attempt + 1, ...again };
  }
  if (refused.length > 0) {
    // Nothing was tried: it does not count. Spread, because everything that was refused comes back together.
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
  const last = tries.at(-1)!;
  const { outcome } = last;
  if (outcome.outcome === 'accepted') return;
  const reason = { code: outcome.error_code, message: outcome.error_message };
  // An address that is no more has nothing to be replayed to.
  if (outcome.outcome === 'rejected' && outcome.address_gone) await recorder.fail(dispatch, text, reason);
  else await recorder.giveUp(dispatch, text, reason, last.provider);
}

async function tryAddress(
  context: NotificationContext,
  message: OutgoingMessage,
  address: RecipientAddress,
): Promise<Try | { readonly until: Date } | { readonly isLate: true }> {
  const sender = senderFor(context.senders, address);
  if (sender === undefined) return tryWithout(address, message, context.now());
  let at = context.now();
  let begun = performance.now();
  const outcome = await context.gateOf(sender.provider).pass(async () => {
    // A provider that is slow or limited may have kept it waiting.
    at = context.now();
    begun = performance.now();
    if (message.not_after !== undefined && message.not_after <= at) return undefined;
    return callSender(context, sender, message);
  });
  if (outcome === undefined) return { isLate: true };
  if (outcome.outcome === 'refused') return { until: outcome.until };
  if (outcome.outcome === 'rejected' && outcome.address_gone && address.channel !== 'in_app')
    await context.directory.retireAddress(message.recipient_id, address);
  const duration_ms = Math.round(performance.now() - begun);
  return { address, provider: sender.provider, message, outcome, at, duration_ms };
}

/** The inbox holds its items without any sender; elsewhere nobody serves the address any more. */
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
    onError(error);
    const { code, message: error_message } = describeFault(error, 'sender.fault');
    return { outcome: 'unreachable', error_code: code, error_message };
  }
}

function composeMessage(
  { unsubscribeUrlOf }: NotificationContext,
  { deliveries, delivery_id, attempt, collapse_key, data }: Dispatch,
  { title, body, html, url, template }: RenderedText,
  address: RecipientAddress,
): OutgoingMessage {
  const [first] = deliveries as [Stored<NotificationDelivery>];
  const { notification_id, recipient_id, type, critical } = first;
  const not_after = lastUse(deliveries);
  const unsubscribe_url = critical ? undefined : unsubscribeUrlOf?.(recipient_id, type);
  return {
    ...{ delivery_id, notification_id, recipient_id, type, address, title, body, attempt },
    locale: template.locale,
    urgency: critical ? 'high' : 'normal',
    ...(html !== undefined && { html }),
    ...(url !== undefined && { url }),
    ...(unsubscribe_url !== undefined && { unsubscribe_url }),
    ...(collapse_key !== undefined && { collapse_key }),
    ...(data && { data }),
    ...(not_after && { not_after }),
  };
}

/** When the last of these is of no use any more; undefined where one of them always is of use. */
function lastUse(deliveries: readonly NotificationDelivery[]): Date | undefined {
  const times = deliveries.map(({ not_after }) => not_after?.getTime() ?? Infinity);
  const last = Math.max(...times);
  return last === Infinity ? undefined : new Date(last);
}

function storedText({ title = '', body = '', url, template }: NotificationDelivery): RenderedText {
  const made = template ?? { name: 'inbox', version: '0', locale: 'en' };
  return { title, body, template: { ...made }, ...(url !== undefined && { url }) };
}

function addressesOf(entry: DirectoryEntry, channel: NotificationChannel): RecipientAddress[] {
  const { user_id, name, email, phone, devices } = entry;
  if (channel === 'in_app') return [{ channel, user_id }];
  if (channel === 'email') return email === undefined ? [] : [{ channel, email, name }];
  if (channel === 'sms') return phone === undefined ? [] : [{ channel, phone }];
  return devices.map(({ device_id, target }) => ({ channel, device_id, target }));
}

function noAddress(channel: NotificationChannel) {
  return { code: 'address.missing', message: `The recipient has no address for ${channel} any more` };
}

function describeFault(error: unknown, fallbackCode: string): { code: string; message: string } {
  const { code } = error as { code?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  return { code: typeof code === 'string' ? code : fallbackCode, message: message.slice(0, 2_000) };
}
