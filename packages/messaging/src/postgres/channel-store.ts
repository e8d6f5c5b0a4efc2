import type { Postgres } from '@infratraq/postgres';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { ChannelOfUser, ChannelStore, StoredChannel } from '../chat/channels/channel-store.js';
import { putMember, removeMember } from './change-members.js';
import type { MessagingTables } from './tables.js';

/** Binds channels, members and mutes to a connection. */
export function createChannelStore(postgres: Postgres): ChannelStore {
  const { db, transaction: inTransaction } = postgres.withTables<MessagingTables>();
  return {
    async listUnknownUsers(userIds) {
      const known = await db
        .selectFrom('infratraq.users')
        .select('user_id')
        .where('user_id', 'in', [...userIds])
        .where('status', '=', 'active')
        .execute();
      return userIds.filter((user) => !known.some(({ user_id }) => user_id === user));
    },
    create: (channel, members) =>
      inTransaction(async (transaction) => {
        const inserted = await transaction
          .insertInto('infratraq.channels')
          .values(channel)
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!inserted) return { channel: await findStanding(transaction, channel), created: false };
        if (members.length > 0)
          await transaction
            .insertInto('infratraq.channel_members')
            .values(members.map((member) => ({ ...member, channel_id: channel.channel_id })))
            .execute();
        return { channel: inserted, created: true };
      }),
    find: (channelId) =>
      db.selectFrom('infratraq.channels').selectAll().where('channel_id', '=', channelId).executeTakeFirst(),
    findForUser: async (channelId, userId) =>
      (await select(db, userId, sql`c.channel_id = ${channelId}`, 1)).at(0),
    listOfUser(userId, { held, archived, limit, after }) {
      const scopes = held === 'all' ? [] : held.map(({ scope }) => scope);
      const mine = sql`c.channel_id in (
          select m.channel_id from infratraq.channel_members m
            join infratraq.channels mc on mc.channel_id = m.channel_id
            where m.user_id = ${userId} and (not mc.members_by_scope or ${held === 'all'} or mc.scopes && ${scopes}::text[])
          union
          select s.channel_id from infratraq.channels s where s.members_by_scope and s.scopes && ${scopes}::text[])`;
      const isListed = archived ? mine : sql`${mine} and c.archived_at is null`;
      const where = after
        ? sql`${isListed} and (coalesce(m.joined_at, c.created_at), c.channel_id) < (${after.since}, ${after.channel_id})`
        : isListed;
      return select(db, userId, where, limit);
    },
    listMembers: (channelId) =>
      db
        .selectFrom('infratraq.channel_members')
        .select(['user_id', 'role'])
        .where('channel_id', '=', channelId)
        .orderBy('user_id')
        .execute(),
    change: (channelId, change) =>
      inTransaction((transaction) =>
        transaction
          .updateTable('infratraq.channels')
          .set({
            channel_id: channelId,
            ...(change.title !== undefined && { title: change.title }),
            ...(change.archived_at !== undefined && { archived_at: change.archived_at }),
          })
          .where('channel_id', '=', channelId)
          .returningAll()
          .executeTakeFirst(),
      ),
    putMember: (channelId, member, mostMembers) =>
      inTransaction((transaction) => putMember(transaction, channelId, member, mostMembers)),
    removeMember: (channelId, userId, options) =>
      inTransaction((transaction) => removeMember(transaction, channelId, userId, options)),
    setMuted: (channel_id, user_id, on) =>
      inTransaction(async (transaction) => {
        if (on)
          await transaction
            .insertInto('infratraq.channel_mutes')
            .values({ channel_id, user_id })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        else
          await transaction
            .deleteFrom('infratraq.channel_mutes')
            .where('channel_id', '=', channel_id)
            .where('user_id', '=', user_id)
            .execute();
      }),
    isMuted: async (channelId, userId) =>
      (await db
        .selectFrom('infratraq.channel_mutes')
        .select('user_id')
        .where('channel_id', '=', channelId)
        .where('user_id', '=', userId)
        .executeTakeFirst()) !== undefined,
  };
}

async function findStanding(
  transaction: Transaction<MessagingTables>,
  given: { created_by: string; client_channel_id: string | null; direct_key: string | null },
): Promise<StoredChannel> {
  const { created_by, client_channel_id, direct_key } = given;
  const found = await transaction
    .selectFrom('infratraq.channels')
    .selectAll()
    .where((where) =>
      where.or([
        where.and([where('created_by', '=', created_by), where('client_channel_id', '=', client_channel_id)]),
        where('direct_key', '=', direct_key),
      ]),
    )
    .execute();
  // The key of a creation comes before the two users: it may have made another channel.
  const standing = found.find((channel) => channel.client_channel_id === client_channel_id) ?? found[0];
  if (!standing) throw new Error('A channel that stood in the way is gone');
  return standing;
}

async function select(
  db: Kysely<MessagingTables>,
  userId: string,
  where: ReturnType<typeof sql>,
  limit: number,
): Promise<ChannelOfUser[]> {
  const { rows } = await sql<ChannelOfUser>`
    select c.*, m.role, m.history_from, muted.user_id is not null as muted,
      coalesce(m.joined_at, c.created_at) as since
    from infratraq.channels c
    left join infratraq.channel_members m on m.channel_id = c.channel_id and m.user_id = ${userId}
    left join infratraq.channel_mutes muted on muted.channel_id = c.channel_id and muted.user_id = ${userId}
    where ${where}
    order by coalesce(m.joined_at, c.created_at) desc, c.channel_id desc
    limit ${limit}`.execute(db);
  return rows;
}
