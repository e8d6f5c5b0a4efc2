import type { ChatMembership } from '@infratraq/messaging';
import { createChannelMembershipRepository, type WatchedChannels } from '@infratraq/messaging/postgres';
import type { Postgres } from '@infratraq/postgres';

/** Answers chat's questions about channels and their members from PostgreSQL's tables. */
export function createMembership(
  postgres: Postgres,
  channels: Pick<WatchedChannels, 'findMember' | 'findChannel' | 'refresh'>,
): ChatMembership {
  const repository = createChannelMembershipRepository(postgres);
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
    setRules: async (channel, { slow_mode_seconds, retention_days }) => {
      await repository.changeRules(channel, {
        ...(slow_mode_seconds !== undefined && { slow_mode_seconds }),
        ...(retention_days !== undefined && { retention_days }),
      });
      // Whoever has made the change sees it at once, without waiting for its notification.
      channels.refresh(channel);
    },
  };
}
