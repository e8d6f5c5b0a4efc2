import { repeat, type Defer } from '@infratraq/kernel';
import { cutBefore, cutHistory } from '@infratraq/messaging';
import type { ChatGateway } from '@infratraq/messaging/gateway';
import { createChannelMembershipRepository, type WatchedChannels } from '@infratraq/messaging/postgres';
import type { Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import type { Logger } from 'pino';

const intervalMilliseconds = 3_600_000;

/** What cutting works with. */
export interface CutOldHistoryOptions {
  readonly postgres: Postgres;
  readonly models: Models;
  readonly gateway: Pick<ChatGateway, 'resync'>;
  /** The rule of every channel, which its own can only tighten. */
  readonly retentionDays: number | undefined;
  readonly log: Logger;
}

/** Cuts what is older than a channel may keep, and has its clients load what is left. */
async function cutOldHistory({
  postgres,
  models,
  gateway,
  retentionDays: global_days,
}: CutOldHistoryOptions): Promise<void> {
  const repository = createChannelMembershipRepository(postgres);
  for (const { channel_id: channel, retention_days } of await repository.listChannelRetentions()) {
    const before = cutBefore({ global_days, channel_days: retention_days ?? undefined });
    if (!before) continue;
    const { deleted } = await cutHistory(models, { channel, before });
    if (deleted > 0) gateway.resync(channel);
  }
}

/**
 * Cuts old history at start, every hour, and when a channel's rules change. Any number of server processes may: each
 * finds less to do.
 */
export function keepCuttingOldHistory(
  channels: Pick<WatchedChannels, 'onChange'>,
  options: CutOldHistoryOptions,
  defer: Defer,
): void {
  const cutting = repeat(() => cutOldHistory(options), {
    everyMilliseconds: intervalMilliseconds,
    atOnce: true,
    onError: (error) =>
      options.log.error({ err: error }, 'old messages could not be cut; it is tried again in an hour'),
  });
  defer(() => cutting.stop());
  const unwatch = channels.onChange(({ channel_id, user_id }) => {
    if (channel_id !== undefined && user_id === undefined) cutting.run();
  });
  defer(unwatch);
}
