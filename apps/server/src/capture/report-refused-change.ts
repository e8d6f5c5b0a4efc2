import { changelogTarget, type Change, type RefusedDocument } from '@infratraq/capture';
import { DeadLetterEvent } from '@infratraq/integration';
import type { Models } from '@infratraq/mongo';

/**
 * Tells of a change that the changelog refused by a dead letter; resolves once that is stored.
 *
 * The letter names the change and holds none of its values: `keepRefusedChange` keeps those in PostgreSQL.
 */
export async function reportRefusedChange(
  models: Models,
  { change, error }: Pick<RefusedDocument, 'change' | 'error'>,
): Promise<void> {
  const { _id } = change;
  const letter: DeadLetterEvent = {
    ...beginLetter(change),
    target: changelogTarget,
    reason: { code: error.code, message: error.reason.slice(0, 4_000) || 'no reason was given' },
    attempts: 1,
    state: 'open',
    replayable: true,
    source_position: _id,
  };
  // By its place in the log, because capture offers the change again when this process ends before it confirms.
  await models
    .of(DeadLetterEvent)
    .updateOne({ target: letter.target, source_position: _id }, { $setOnInsert: letter }, { upsert: true });
}

/** Longest texts that a letter takes over; a key may be far longer. */
const mostIdLength = 1_000;
const mostNameLength = 200;

/** What every dead letter of a change says, whoever did not take it. */
export function beginLetter({ entity_type, entity_id, changed_by, cause_id }: Change) {
  return {
    created_at: new Date(),
    origin: 'capture' as const,
    entity_type: entity_type.slice(0, mostNameLength),
    entity_id: entity_id.slice(0, mostIdLength),
    user_id: changed_by.slice(0, mostNameLength),
    ...(cause_id && { cause_id: cause_id.slice(0, mostNameLength) }),
  };
}
