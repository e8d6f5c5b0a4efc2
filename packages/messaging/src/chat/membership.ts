import { ForbiddenError } from '@infratraq/kernel';

/** What a user may do in a channel. */
export type ChannelRole = 'owner' | 'member' | 'reader';

/** Members of channels. */
export interface ChannelMembership {
  /** The user's role; undefined if they are no member, or the channel does not exist. */
  roleOf(channel: string, userId: string): Promise<ChannelRole | undefined>;
}

/** An act in a channel that needs permission. */
export type ChannelAct = 'read' | 'post';

/** Rules of a channel; an absent rule limits nothing. */
export interface ChannelRules {
  /** Seconds between two messages of one user; owners are exempt. */
  readonly slow_mode_seconds?: number | undefined;
  /** Days after which messages are cut from the beginning. */
  readonly retention_days?: number | undefined;
}

/** A change of a channel's rules: null removes a rule, an absent one stays. */
export interface ChannelRuleChange {
  readonly slow_mode_seconds?: number | null | undefined;
  readonly retention_days?: number | null | undefined;
}

/** Members and rules of channels. Only `roleOf` is required. */
export interface ChatMembership extends ChannelMembership {
  /** Time before which messages are hidden from the member; undefined hides none. */
  historyFrom?(channel: string, userId: string): Promise<Date | undefined>;
  /** Asked before each message is stored. */
  rulesOf?(channel: string): Promise<ChannelRules>;
  /** Stores rules that an owner changes. Without it, rules are fixed. */
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
