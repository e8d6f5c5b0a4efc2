import { ForbiddenError } from '@infratraq/kernel';

/** What a user may do in a channel. */
export type ChannelRole = 'owner' | 'member' | 'reader';

/** Who belongs to which channel; the answers live in PostgreSQL. */
export interface ChannelMembership {
  /** The user's role in the channel, or undefined when they are no member or the channel does not exist. */
  roleOf(channel: string, userId: string): Promise<ChannelRole | undefined>;
}

/** What somebody wants to do in a channel. */
export type ChannelAct = 'read' | 'post';

/** How a channel is run; what is absent isn't limited. */
export interface ChannelRules {
  /** Seconds that everybody but an owner waits between two messages of theirs. */
  readonly slow_mode_seconds?: number | undefined;
  /** Days after which messages are cut from the beginning. */
  readonly retention_days?: number | undefined;
}

/** What changes of a channel's rules; null takes a rule away, what is left out stays. */
export interface ChannelRuleChange {
  readonly slow_mode_seconds?: number | null | undefined;
  readonly retention_days?: number | null | undefined;
}

/** Who belongs to which channel; chat works with `roleOf` alone, and asks the others where they are given. */
export interface ChatMembership extends ChannelMembership {
  /** Messages before this time stay hidden from the member; undefined shows all. */
  historyFrom?(channel: string, userId: string): Promise<Date | undefined>;
  /** Asked before each message is stored. */
  rulesOf?(channel: string): Promise<ChannelRules>;
  /** Keeps what an owner changes of a channel's rules; they are fixed where this is missing. */
  setRules?(channel: string, change: ChannelRuleChange): Promise<void>;
}

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
