import { ConflictError, ForbiddenError, InvalidInputError } from '@infratraq/kernel';
import { admit, type ChannelRuleChange, type ChannelRules, type ChatMembership } from '../membership.js';

const slowestSeconds = 86_400;
const longestDays = 36_500;

/** The rules of a channel, for its members. */
export async function readRules(
  membership: ChatMembership,
  channel: string,
  userId: string,
): Promise<ChannelRules> {
  await admit(membership, channel, userId, 'read');
  return (await membership.rulesOf?.(channel)) ?? {};
}

/**
 * Changes a channel's rules for one of its owners.
 * @throws ForbiddenError `channel.forbidden`; InvalidInputError `channel.slow-mode`, `channel.retention` (a channel can
 * tighten the store's rule, never loosen it); ConflictError `channel.rules-fixed` where the membership keeps none
 */
export async function changeRules(
  membership: ChatMembership,
  { channel, user_id, ...change }: { channel: string; user_id: string } & ChannelRuleChange,
  globalDays: number | undefined,
): Promise<void> {
  if ((await admit(membership, channel, user_id, 'read')) !== 'owner')
    throw new ForbiddenError(`Only an owner of ${channel} can change its rules`, 'channel.forbidden');
  const { slow_mode_seconds, retention_days } = change;
  if (!isWithin(slow_mode_seconds, slowestSeconds))
    throw new InvalidInputError(`Slow mode is a whole number of seconds from 1 to ${slowestSeconds}`, {
      code: 'channel.slow-mode',
    });
  const mostDays = globalDays ?? longestDays;
  if (!isWithin(retention_days, mostDays))
    throw new InvalidInputError(`A channel's retention is a whole number of days from 1 to ${mostDays}`, {
      code: 'channel.retention',
    });
  if (!membership.setRules)
    throw new ConflictError('The rules of channels are fixed in this deployment', 'channel.rules-fixed');
  await membership.setRules(channel, change);
}

function isWithin(value: number | null | undefined, most: number): boolean {
  return value == null || (Number.isSafeInteger(value) && value >= 1 && value <= most);
}
