import { ConflictError, ForbiddenError, InvalidInputError } from '@infratraq/kernel';
import { checkInput } from '../../checking/check-input.js';
import { chatSchemas } from '../chat-schemas.js';
import { admit, mayManage, type ChannelRuleChange, type ChatMembership } from '../membership.js';

const schema = chatSchemas.member.extend(chatSchemas.rules.shape);
const codes = { slow_mode_seconds: 'channel.slow-mode', retention_days: 'channel.retention' };

/**
 * Changes a channel's rules for one of its owners.
 * @throws ForbiddenError `channel.forbidden`; InvalidInputError `channel.slow-mode`, `channel.retention` (a channel can
 * shorten the store's retention, never extend it); ConflictError `channel.rules-fixed` for a membership without `setRules`
 */
export async function changeRules(
  membership: ChatMembership,
  given: { channel: string; user_id: string } & ChannelRuleChange,
  storeDays: number | undefined,
): Promise<void> {
  const { channel, user_id, ...change } = checkInput(schema, given, 'channel.invalid', codes);
  if (!mayManage(await admit(membership, channel, user_id, 'read')))
    throw new ForbiddenError(`Only a manager of ${channel} can change its rules`, 'channel.forbidden');
  if (storeDays !== undefined && (change.retention_days ?? 0) > storeDays)
    throw new InvalidInputError(`A channel's retention is a whole number of days from 1 to ${storeDays}`, {
      code: 'channel.retention',
    });
  if (!membership.setRules)
    throw new ConflictError('The rules of channels are fixed in this deployment', 'channel.rules-fixed');
  await membership.setRules(channel, change);
}
