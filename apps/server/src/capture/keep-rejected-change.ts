import { deadLetterTargetOf, type RejectedChange } from '@infratraq/capture';
import { DeadLetterEvent } from '@infratraq/integration';
import { InfratraqError, withholdValues } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { beginLetter } from './report-refused-change.js';

/**
 * Keeps a change that a consumer did not take as a dead letter; resolves once that is stored.
 *
 * The letter names the change and does not hold it: the changelog does, and a letter may not be larger than a document.
 */
export async function keepRejectedChange(
  models: Models,
  { consumer, change, error, attempts }: RejectedChange,
): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const outcome = {
    reason: {
      code: error instanceof InfratraqError ? error.code : 'consumer.failed',
      message: withholdValues(message).slice(0, 4_000) || 'no reason was given',
    },
    last_attempt_at: new Date(),
    state: 'open',
  };
  const letter = { ...beginLetter(change), replayable: true };
  // By the change, for it may be given and rejected again.
  await models
    .of(DeadLetterEvent)
    .updateOne(
      { target: deadLetterTargetOf(consumer), source_position: change._id },
      { $set: outcome, $inc: { attempts }, $unset: { resolution: '' }, $setOnInsert: letter },
      { upsert: true, runValidators: true },
    );
}
