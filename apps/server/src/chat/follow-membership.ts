import type { Defer } from '@infratraq/kernel';
import type { ChatGateway } from '@infratraq/messaging/gateway';
import type { WatchedChannels } from '@infratraq/messaging/postgres';
import type { Logger } from 'pino';
import type { AccessServices } from '../access/index.js';

/** What may change who belongs to a channel. */
interface Following {
  readonly channels: Pick<WatchedChannels, 'onChange' | 'findChannel'>;
  readonly access: Pick<AccessServices, 'onChange'>;
  readonly gateway: Pick<ChatGateway, 'checkMembership'>;
  readonly log: Pick<Logger, 'error'>;
}

/** Has the gateway check members of channels whenever members, scopes of users, or scopes of entities change. */
export function followMembership({ channels, access, gateway, log }: Following, defer: Defer): void {
  const check = (asked: () => Promise<void>) =>
    void asked().catch((error: unknown) =>
      log.error({ err: error }, 'members of a channel could not be checked'),
    );
  const unwatch = channels.onChange(({ channel_id: channel, user_id }) =>
    check(async () => {
      if (channel === undefined) return gateway.checkMembership();
      if (user_id !== undefined) return gateway.checkMembership({ channel, user_id });
      // Its own row decides who belongs to it only where the members are those who see an entity.
      if ((await channels.findChannel(channel))?.members_by_scope) await gateway.checkMembership({ channel });
    }),
  );
  defer(unwatch);
  const ignore = access.onChange((user_id) =>
    check(() => gateway.checkMembership(user_id === undefined ? {} : { user_id })),
  );
  defer(ignore);
}
