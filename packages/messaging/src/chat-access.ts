import { ForbiddenError, type ChannelMembership, type ChannelRole } from '@infratraq/kernel';

/** What somebody wants to do in a channel. */
export type ChannelAct = 'read' | 'post';

/**
 * Admits a user to a channel.
 * @throws ForbiddenError `channel.forbidden` for outsiders, unknown channels, and readers who want to post
 */
export async function admit(
  membership: ChannelMembership,
  channel: string,
  userId: string,
  act: ChannelAct,
): Promise<ChannelRole> {
  const role = await membership.roleOf(channel, userId);
  if (!role)
    throw new ForbiddenError(
      `You are no member of ${channel}, or it does not exist; ask its owner to add you`,
      'channel.forbidden',
    );
  if (act === 'post' && role === 'reader')
    throw new ForbiddenError(`You may read ${channel} but not post to it`, 'channel.forbidden');
  return role;
}
