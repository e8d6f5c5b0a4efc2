export { openEvents, type OpenedEvents, type OpenEventsOptions } from './open-events.js';

export { createEventWriter } from './writing/event-writer.js';
export type {
  Degradation,
  EventWriter,
  EventWriterOptions,
  RejectedEvent,
  WriterMetrics,
} from './writing/event-writer-types.js';

export { compileCasting } from './casting/prepare-event.js';
export { claimJournalFolder } from './journal/claim-journal-folder.js';
export { JournalInUseError } from './journal/lock-journal.js';
export { createEventReplay, type EventReplay, type KeptEvent } from './replay/replay-events.js';
export { createEventRouter, type EventRouter } from './routing/event-router.js';

export { readDocument, type RecordedEvent } from './queue/recorded-event.js';
export type { Sink } from './queue/sink.js';
