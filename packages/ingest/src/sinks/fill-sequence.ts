import type { DocumentSequence } from '@infratraq/mongo/document-sequence';
import type { RecordedEvent } from '../queue/recorded-event.js';

/** Fills a sequence with the events' bytes as they are; neighbours in one slab go in one piece. */
export function fillSequence(sequence: DocumentSequence, events: readonly RecordedEvent[]): DocumentSequence {
  for (let place = 0; place < events.length;) {
    const { slab, start } = events[place] as RecordedEvent;
    let end = start;
    for (; events[place]?.slab === slab && events[place]?.start === end; place += 1)
      end = (events[place] as RecordedEvent).end;
    sequence.push({}, slab.subarray(start, end));
  }
  return sequence;
}
