import { InvalidInputError } from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import { ChatMessage } from '../../collections/chat-message.js';
import {
  listLatestMessagesOfChannel,
  listMessagesOfChannel,
} from '../../collections/chat-message.queries.js';
import { VisibleHistory } from './visible-history.js';

/** Retention of a channel's messages, in days; undefined keeps them for good. */
export interface RetentionRule {
  /** Retention of the whole store. */
  readonly global_days?: number | undefined;
  /** Retention of the channel; it counts only where it is shorter. */
  readonly channel_days?: number | undefined;
}

const batchSize = 1_000;
const dayMilliseconds = 86_400_000;

/**
 * The shorter of both: a channel can shorten the store's retention, never extend it.
 * @throws InvalidInputError `channel.retention` unless the days are whole and positive
 */
export function retentionDaysOf({ global_days, channel_days }: RetentionRule): number | undefined {
  const rules = [global_days, channel_days].filter((days) => days !== undefined);
  if (rules.some((days) => !Number.isSafeInteger(days) || days < 1))
    throw new InvalidInputError('A retention is a whole number of days from 1', {
      code: 'channel.retention',
    });
  return rules.length > 0 ? Math.min(...rules) : undefined;
}

/** Time before which a channel's messages are cut; undefined if none are. */
export function cutBefore(rule: RetentionRule, now = new Date()): Date | undefined {
  const days = retentionDaysOf(rule);
  return days === undefined ? undefined : new Date(now.getTime() - days * dayMilliseconds);
}

/**
 * Deletes a channel's messages up to a time, oldest first, so that the rest has no gaps at any moment. The latest message
 * stays, as a tombstone if it is too old, because numbering continues from it.
 */
export async function cutHistory(
  models: Models,
  { channel, before }: { channel: string; before: Date },
): Promise<{ deleted: number }> {
  const latest = await models.findOne(listLatestMessagesOfChannel, { channel });
  if (!latest) return { deleted: 0 };
  const history = new VisibleHistory(models, { roleOf: async () => 'owner' });
  const { seq: kept } = await history.firstSince(channel, before);
  const end = Math.min(kept, latest.seq);
  const model = models.of(ChatMessage);
  let deleted = 0;
  for (;;) {
    const batch = await models.find(listMessagesOfChannel, { channel, before: end }, { limit: batchSize });
    const last = batch.at(-1);
    if (!last) break;
    const seq = trusted({ $lte: last.seq });
    deleted += (await model.deleteMany({ channel, seq })).deletedCount;
  }
  if (latest.created_at < before && !latest.deleted_at)
    await model.updateOne(
      { _id: latest._id },
      {
        $set: { body: '', deleted_at: new Date(), deleted_by: 'retention', changed_at: new Date() },
        $unset: { attachments: 1, mentions: 1, links: 1, reactions: 1, edits: 1, pinned_at: 1, pinned_by: 1 },
        $inc: { revision: 1 },
      },
    );
  return { deleted };
}
