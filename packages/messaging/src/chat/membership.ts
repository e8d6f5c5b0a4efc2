import { ConflictError, ForbiddenError } from '@infratraq/kernel';

/** What a user may do in a channel. An owner may do what a manager may. */
export type ChannelRole = 'owner' | 'manager' | 'member' | 'reader';

/** Members of channels. */
export interface ChannelMembership {
  /** The user's role; undefined if they are no member, or the channel does not exist. */
  roleOf(channel: string, userId: string): Promise<ChannelRole | undefined>;
  /** Whether the channel is read-only for good; without it, no channel is. */
  isArchived?(channel: string): Promise<boolean>;
  /** Whether the user wants no notifications of mentions in the channel; without it, nobody mutes. */
  isMuted?(channel: string, userId: string): Promise<boolean>;
}

/** Tells whether a role may change a channel, its members and its rules, and delete messages of others. */
export function mayManage(role: ChannelRole): boolean {
  return role === 'owner' || role === 'manager';
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
 * @throws ForbiddenError `channel.forbidden` for outsiders, unknown channels, and readers who want to post; ConflictError
 * `channel.archived` for everybody who wants to post to an archived channel
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
  if (act === 'post' && (await membership.isArchived?.(channel))) throw archived(channel);
  return role;
}

/** The error for changes of an archived channel. */
export function archived(channel: string): ConflictError {
  return new ConflictError(`${channel} is archived: it can be read but not changed`, 'channel.archived');
}
