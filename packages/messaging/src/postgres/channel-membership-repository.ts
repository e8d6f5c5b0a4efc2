import type { Postgres } from '@infratraq/postgres';
import type { Insertable, Selectable } from 'kysely';
import type { ChannelMemberTable, ChannelTable, MessagingTables } from './tables.js';

export type Channel = Selectable<ChannelTable>;
export type ChannelMember = Selectable<ChannelMemberTable>;

/** Who belongs to which channel; messaging asks it before anybody reads or writes. */
export interface ChannelMembershipRepository {
  /** The user's membership in the channel, or undefined for an outsider (and for an unknown channel). */
  find(channelId: string, userId: string): Promise<ChannelMember | undefined>;
  findChannel(channelId: string): Promise<Channel | undefined>;
  /** Channels that cut their messages after some days. */
  listChannelRetentions(): Promise<Pick<Channel, 'channel_id' | 'retention_days'>[]>;
  /** Changes how a channel is run; what is left out stays. Undefined for an unknown channel. */
  changeRules(channelId: string, rules: Partial<ChannelRuleColumns>): Promise<Channel | undefined>;
  listChannelsOf(userId: string): Promise<(Channel & Pick<ChannelMember, 'role' | 'history_from'>)[]>;
  listMembersOf(channelId: string): Promise<ChannelMember[]>;
  /** Creates the channel with its members; an existing channel keeps its title and gains missing members. */
  createChannel(channel: Insertable<ChannelTable>, members: NewChannelMember[]): Promise<void>;
}

export type ChannelRuleColumns = Pick<Channel, 'slow_mode_seconds' | 'retention_days'>;
export type NewChannelMember = Pick<Insertable<ChannelMemberTable>, 'user_id' | 'role' | 'history_from'>;

/** Binds the repository of channels and their members to a connection. */
export function createChannelMembershipRepository(postgres: Postgres): ChannelMembershipRepository {
  const { db, transaction: inTransaction } = postgres.withTables<MessagingTables>();
  return {
    find: (channelId, userId) =>
      db
        .selectFrom('infratraq.channel_members')
        .selectAll()
        .where('channel_id', '=', channelId)
        .where('user_id', '=', userId)
        .executeTakeFirst(),
    findChannel: (channelId) =>
      db.selectFrom('infratraq.channels').selectAll().where('channel_id', '=', channelId).executeTakeFirst(),
    listChannelRetentions: () =>
      db
        .selectFrom('infratraq.channels')
        .select(['channel_id', 'retention_days'])
        .orderBy('channel_id')
        .execute(),
    changeRules: (channelId, rules) =>
      inTransaction((transaction) =>
        transaction
          .updateTable('infratraq.channels')
          .set({ channel_id: channelId, ...rules })
          .where('channel_id', '=', channelId)
          .returningAll()
          .executeTakeFirst(),
      ),
    listChannelsOf: (userId) =>
      db
        .selectFrom('infratraq.channel_members as member')
        .innerJoin('infratraq.channels as channel', 'channel.channel_id', 'member.channel_id')
        .where('member.user_id', '=', userId)
        .selectAll('channel')
        .select(['member.role', 'member.history_from'])
        .orderBy('channel.channel_id')
        .execute(),
    listMembersOf: (channelId) =>
      db
        .selectFrom('infratraq.channel_members')
        .selectAll()
        .where('channel_id', '=', channelId)
        .orderBy('user_id')
        .execute(),
    createChannel: (channel, members) =>
      inTransaction(async (transaction) => {
        await transaction
          .insertInto('infratraq.channels')
          .values(channel)
          .onConflict((conflict) => conflict.column('channel_id').doNothing())
          .execute();
        if (members.length === 0) return;
        await transaction
          .insertInto('infratraq.channel_members')
          .values(members.map((member) => ({ ...member, channel_id: channel.channel_id })))
          .onConflict((conflict) => conflict.columns(['channel_id', 'user_id']).doNothing())
          .execute();
      }),
  };
}
