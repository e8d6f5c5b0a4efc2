import type { EventWriter, RejectedEvent } from '@infratraq/ingest';
import { DeadLetterEvent } from '@infratraq/integration';
import { currentActor, InfratraqError } from '@infratraq/kernel';

/** Keeps events that their collection refused as dead letters, so that none disappears unseen. */
export function keepRejectedEvents(events: EventWriter): void {
  events.events.on('event:rejected', (rejected) => {
    if (rejected.collection !== 'dead_letter_event')
      return void events.record(DeadLetterEvent, describeRejection(rejected));
    // What was wrong with the event is wrong with its letter: too large, too deep, no BSON. The reason is kept at least.
    const { payload, ...letter } = rejected.document as DeadLetterEvent;
    if (payload !== undefined) events.record(DeadLetterEvent, { ...letter, replayable: false });
  });
}

function describeRejection({
  collection,
  document,
  reason,
  error,
  isWhole,
}: RejectedEvent): Partial<DeadLetterEvent> {
  const { cause_id, user_id } = currentActor() ?? {};
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
    replayable: isWhole,
    ...(user_id && { user_id }),
    ...(cause_id && { cause_id }),
  };
}
