import type { EntityAccess } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import { resolveRole } from '../chat/channels/channel-roles.js';
import { ChannelService } from '../chat/channels/channel-service.js';
import type { ChatMembership } from '../chat/membership.js';
import { createChannelMembershipRepository } from './channel-membership-repository.js';
import { createChannelStore } from './channel-store.js';
import type { WatchedChannels } from './watch-channels.js';

/** Storage and ports of channels in PostgreSQL. */
interface CreateChannelsOptions {
  readonly postgres: Postgres;
  readonly models: Models;
  readonly watched: Pick<WatchedChannels, 'findMember' | 'findChannel' | 'refresh'>;
  /** Decides who is a member of an entity's channel. */
  readonly access: EntityAccess;
}

/** Channels that people make, and the membership that chat asks, over PostgreSQL's tables. */
export function createChannels({ postgres, models, watched, access }: CreateChannelsOptions): {
  readonly channels: ChannelService;
  readonly membership: ChatMembership;
} {
  const rules = createChannelMembershipRepository(postgres);
  const store = createChannelStore(postgres);
  const membership: ChatMembership = {
    async roleOf(channel, userId) {
      const [found, member] = await Promise.all([
        watched.findChannel(channel),
        watched.findMember(channel, userId),
      ]);
      return resolveRole(access, found, member?.role, userId);
    },
    historyFrom: async (channel, userId) =>
      (await watched.findMember(channel, userId))?.history_from ?? undefined,
    isArchived: async (channel) => (await watched.findChannel(channel))?.archived_at != null,
    isMuted: (channel, userId) => store.isMuted(channel, userId),
    rulesOf: async (channel) => {
      const { slow_mode_seconds, retention_days } = (await watched.findChannel(channel)) ?? {};
      return {
        ...(slow_mode_seconds != null && { slow_mode_seconds }),
        ...(retention_days != null && { retention_days }),
      };
    },
    setRules: async (channel, { slow_mode_seconds, retention_days }) => {
      await rules.changeRules(channel, {
        ...(slow_mode_seconds !== undefined && { slow_mode_seconds }),
        ...(retention_days !== undefined && { retention_days }),
      });
      // Whoever has made the change sees it at once, without waiting for its notification.
      watched.refresh(channel);
    },
  };
  const refresh = (channel: string, userId?: string) => watched.refresh(channel, userId);
  return { channels: new ChannelService({ models, store, membership, access, refresh }), membership };
}
