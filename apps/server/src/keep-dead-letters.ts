import type { EventWriter, RejectedEvent } from '@infratraq/ingest';
import { DeadLetterEvent } from '@infratraq/integration';
import { currentActor, InfratraqError } from '@infratraq/kernel';

/** Keeps events that their collection refused as dead letters, so that none disappears unseen. */
export function keepDeadLetters(events: EventWriter): void {
  events.events.on('event:rejected', (rejected) => {
    // A dead letter that is refused itself has been counted and logged by the writer; there is no further place.
    if (rejected.collection === 'dead_letter_event') return;
    events.record(DeadLetterEvent, describeRejection(rejected));
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
