import type { Change, ChangeRefusedError } from '@infratraq/capture';
import type { EventWriter, RejectedEvent } from '@infratraq/ingest';
import { DeadLetterEvent } from '@infratraq/integration';
import { currentActor, InfratraqError } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { mongo } from 'mongoose';

/** Keeps events that their collection refused as dead letters, so that none disappears unseen. */
export function keepDeadLetters(events: EventWriter): void {
  events.events.on('event:rejected', (rejected) => {
    if (rejected.collection !== 'dead_letter_event')
      return void events.record(DeadLetterEvent, describeRejection(rejected));
    // What was wrong with the event is wrong with its letter: too large, too deep, no BSON. The reason is kept at least.
    const { payload, ...letter } = rejected.document as DeadLetterEvent;
    if (payload !== undefined) events.record(DeadLetterEvent, letter);
  });
}

function describeRejection({ collection, document, reason, error }: RejectedEvent): Partial<DeadLetterEvent> {
  const cause_id = currentActor()?.cause_id;
  return {
    created_at: new Date(),
    origin: 'ingest',
    target: collection,
    reason: {
      code: error instanceof InfratraqError ? error.code : 'event.invalid',
      message: reason.slice(0, 4_000),
    },
    payload: document,
    attempts: 1,
    state: 'open',
    replayable: false,
    ...(cause_id && { cause_id }),
  };
}

/**
 * Keeps a change that the changelog refused as a dead letter; resolves once that is stored, so that capture may go on.
 *
 * The change is kept as canonical Extended JSON: as a document it would be refused here for the same reason.
 */
export async function keepRefusedChange(
  models: Models,
  change: Change,
  error: ChangeRefusedError,
): Promise<void> {
  const { _id } = change;
  const letter: DeadLetterEvent = {
    ...beginLetter(change),
    target: 'entity_changelog',
    reason: { code: error.code, message: error.message.slice(0, 4_000) },
    payload: mongo.BSON.EJSON.stringify(change, { relaxed: false }),
    attempts: 1,
    state: 'open',
    replayable: false,
    source_position: _id,
  };
  // By its place in the log, because capture offers the change again when this process ends before it confirms.
  await models
    .of(DeadLetterEvent)
    .updateOne({ target: letter.target, source_position: _id }, { $setOnInsert: letter }, { upsert: true });
}

/** What every dead letter of a change says, whoever did not take it. */
export function beginLetter({ entity_type, entity_id, changed_by, cause_id }: Change) {
  return {
    created_at: new Date(),
    origin: 'capture' as const,
    entity_type,
    entity_id,
    user_id: changed_by,
    ...(cause_id && { cause_id }),
  };
}
