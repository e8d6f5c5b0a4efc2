import type { ChatMembership } from '@infratraq/messaging';
import type { WatchedChannels } from '@infratraq/postgres';

/** Answers chat's questions about channels and their members from PostgreSQL's tables. */
export function composeMembership(
  channels: Pick<WatchedChannels, 'findMember' | 'findChannel'>,
): ChatMembership {
  return {
    roleOf: async (channel, userId) => (await channels.findMember(channel, userId))?.role,
    historyFrom: async (channel, userId) =>
      (await channels.findMember(channel, userId))?.history_from ?? undefined,
    rulesOf: async (channel) => {
      const { slow_mode_seconds, retention_days } = (await channels.findChannel(channel)) ?? {};
      return {
        ...(slow_mode_seconds != null && { slow_mode_seconds }),
        ...(retention_days != null && { retention_days }),
      };
    },
  };
}
