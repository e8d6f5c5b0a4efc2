import type { Defer } from '@infratraq/kernel';
import type { ChatGateway } from '@infratraq/messaging/gateway';
import type { WatchedChannels } from '@infratraq/messaging/postgres';
import type { Logger } from 'pino';

/** Has the gateway check the members of a channel whenever they change. */
export function followMembership(
  channels: Pick<WatchedChannels, 'onChange'>,
  gateway: Pick<ChatGateway, 'checkMembership'>,
  log: Logger,
  defer: Defer,
): void {
  const unwatch = channels.onChange(({ channel_id: channel, user_id }) => {
    // A change of the channel's own row leaves its members as they are.
    if (channel !== undefined && user_id === undefined) return;
    gateway
      .checkMembership(user_id === undefined ? {} : { channel, user_id })
      .catch((error: unknown) => log.error({ err: error }, 'members of a channel could not be checked'));
  });
  defer(unwatch);
}
