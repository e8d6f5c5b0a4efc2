import type { NotificationChannel, RecipientPreferences } from '@infratraq/kernel';
import type { DirectoryEntry } from '../recipients/directory.js';
import type { NotificationType } from '../templates/notification-type.js';
import { chooseChannels, type RoutedRequest } from './choose-channels.js';
import { digestDueAt } from '../timing/digest-window.js';
import { afterQuietHours } from '../timing/quiet-hours.js';
import { rememberResults } from '../timing/remember-results.js';

/** One delivery that a notification to a recipient is to become. */
export interface PlannedDelivery {
  readonly channel: NotificationChannel;
  readonly due_at: Date;
  /** Whether it goes out with the digest of that time. */
  readonly collected: boolean;
  /** The channel that it follows if the notification was not read there. */
  readonly fallback_of?: NotificationChannel;
}

/** Quiet hours and digest windows by recipients' clocks. */
export interface RoutingClocks {
  readonly afterQuietHours: typeof afterQuietHours;
  readonly digestDueAt: typeof digestDueAt;
}

/** Clocks that compute each answer once: many recipients share time zone and habits. */
export function readClocksOnce(): RoutingClocks {
  return {
    afterQuietHours: rememberResults(afterQuietHours),
    digestDueAt: rememberResults(digestDueAt),
  };
}

/** What routing depends on. */
export interface RoutingSubject {
  readonly type: NotificationType;
  readonly request: RoutedRequest;
  readonly entry: DirectoryEntry;
  readonly preferences: RecipientPreferences;
  /** Whether there is a sender for the channel. */
  readonly serves: (channel: NotificationChannel) => boolean;
  readonly at: Date;
  readonly clocks: RoutingClocks;
}

/** Plans on which channels, and when, a recipient gets a notification. */
export function planDeliveries(subject: RoutingSubject): PlannedDelivery[] {
  const { type, request, entry, preferences, serves, at } = subject;
  const channels = chooseChannels(type, request, preferences).filter(
    (channel) => serves(channel) && hasAddress(entry, channel),
  );
  const steps = type.fallback.filter(({ channel }) => channels.includes(channel));
  const later = new Set(steps.map(({ channel }) => channel));
  const first = channels.filter((channel) => !later.has(channel));
  const planned: PlannedDelivery[] = first.map((channel) => ({ channel, ...dueAt(channel, at, subject) }));
  let previous = first.find((channel) => channel !== 'in_app') ?? first[0];
  // The wait for an answer begins when the message before was due: after quiet hours, or with the digest.
  let moment = planned.find(({ channel }) => channel === previous)?.due_at ?? at;
  for (const { channel, after_seconds } of steps) {
    // Without a channel before it there is nothing to wait for.
    if (previous !== undefined) moment = new Date(moment.getTime() + after_seconds * 1_000);
    const fallback = previous === undefined ? {} : { fallback_of: previous };
    const due = dueAt(channel, moment, subject);
    planned.push({ channel, ...due, ...fallback });
    moment = due.due_at;
    previous = channel;
  }
  return planned;
}

/** A channel that was asked for and on which a recipient gets nothing. */
export interface UnreachedChannel {
  readonly channel: NotificationChannel;
  readonly reason: string;
}

/** The channels that a request names and on which the recipient is not reached, each with the reason. */
export function listUnreached(
  { type, request, entry, serves }: RoutingSubject,
  planned: readonly PlannedDelivery[],
): UnreachedChannel[] {
  const reasonOf = (channel: NotificationChannel): string => {
    if (type.templates[channel] === undefined) return `${type.type} has no template for ${channel}`;
    if (!serves(channel)) return `no provider is set up for ${channel}`;
    return hasAddress(entry, channel)
      ? 'the recipient does not want it on this channel'
      : 'the recipient has no address on this channel';
  };
  return [...new Set(request.channels)]
    .filter((channel) => !planned.some((delivery) => delivery.channel === channel))
    .map((channel) => ({ channel, reason: reasonOf(channel) }));
}

/** When a message that is ready at `at` is due. The inbox disturbs nobody: it takes it at once. */
function dueAt(
  channel: NotificationChannel,
  at: Date,
  { type, preferences, clocks }: Pick<RoutingSubject, 'type' | 'preferences' | 'clocks'>,
): { due_at: Date; collected: boolean } {
  if (type.critical || channel === 'in_app') return { due_at: at, collected: false };
  const { time_zone, quiet_hours, digest } = preferences;
  const window = clocks.digestDueAt(at, time_zone, digest);
  return {
    due_at: clocks.afterQuietHours(window ?? at, time_zone, quiet_hours),
    collected: window !== undefined,
  };
}

function hasAddress({ email, phone, devices }: DirectoryEntry, channel: NotificationChannel): boolean {
  if (channel === 'email') return email !== undefined;
  if (channel === 'sms') return phone !== undefined;
  return channel === 'in_app' || devices.length > 0;
}
