import type { Transaction } from 'kysely';
import type { ChannelStore, Member, RemovalOptions } from '../chat/channels/channel-store.js';
import { mayManage } from '../chat/membership.js';
import type { MessagingTables } from './tables.js';

type Change<Name extends keyof ChannelStore> = Awaited<ReturnType<ChannelStore[Name]>>;

/** Adds a member or changes their role, unless nobody would be left to manage the channel. */
export async function putMember(
  transaction: Transaction<MessagingTables>,
  channelId: string,
  { user_id, role }: Member,
  mostMembers: number,
): Promise<Change<'putMember'>> {
  const { members, needsManager } = await lockMembers(transaction, channelId);
  const present = members.find((member) => member.user_id === user_id);
  if (present?.role === role) return 'same';
  if (!present && members.length >= mostMembers) return 'full';
  if (needsManager && present && !mayManage(role) && isLastManager(members, user_id)) return 'last-manager';
  await transaction
    .insertInto('infratraq.channel_members')
    .values({ channel_id: channelId, user_id, role })
    .onConflict((conflict) => conflict.columns(['channel_id', 'user_id']).doUpdateSet({ role }))
    .execute();
  return present ? 'changed' : 'added';
}

/** Removes a member; hands their channel over, or archives it if nobody is left to manage it. */
export async function removeMember(
  transaction: Transaction<MessagingTables>,
  channelId: string,
  userId: string,
  { successor, archives }: RemovalOptions,
): Promise<Change<'removeMember'>> {
  const { members, needsManager } = await lockMembers(transaction, channelId);
  if (!members.some(({ user_id }) => user_id === userId)) return { removed: false, archived: false };
  const hasSuccessor = successor !== userId && members.some(({ user_id }) => user_id === successor);
  if (successor !== undefined && !hasSuccessor) return 'no-successor';
  const archived = needsManager && isLastManager(members, userId) && successor === undefined;
  if (archived && !archives) return 'last-manager';
  if (successor !== undefined)
    await transaction
      .updateTable('infratraq.channel_members')
      .set({ role: 'manager' })
      .where('channel_id', '=', channelId)
      .where('user_id', '=', successor)
      .where('role', '!=', 'owner')
      .execute();
  await transaction
    .deleteFrom('infratraq.channel_members')
    .where('channel_id', '=', channelId)
    .where('user_id', '=', userId)
    .execute();
  await transaction
    .deleteFrom('infratraq.channel_mutes')
    .where('channel_id', '=', channelId)
    .where('user_id', '=', userId)
    .execute();
  if (archived)
    await transaction
      .updateTable('infratraq.channels')
      .set({ archived_at: new Date() })
      .where('channel_id', '=', channelId)
      .where('archived_at', 'is', null)
      .execute();
  return { removed: true, archived };
}

/** Members of a channel, whose other changes wait until the transaction ends. */
async function lockMembers(
  transaction: Transaction<MessagingTables>,
  channelId: string,
): Promise<{ readonly members: readonly Member[]; readonly needsManager: boolean }> {
  const channel = await transaction
    .selectFrom('infratraq.channels')
    .select('members_by_scope')
    .where('channel_id', '=', channelId)
    .forUpdate()
    .executeTakeFirst();
  const members = await transaction
    .selectFrom('infratraq.channel_members')
    .select(['user_id', 'role'])
    .where('channel_id', '=', channelId)
    .execute();
  // The managers of an entity's scope manage its channel.
  return { members, needsManager: channel?.members_by_scope === false };
}

function isLastManager(members: readonly Member[], userId: string): boolean {
  const managers = members.filter(({ role }) => mayManage(role));
  return managers.length === 1 && managers[0]?.user_id === userId;
}
