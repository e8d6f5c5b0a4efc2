import { mongo } from 'mongoose';
import type { TestServer } from './open-test-server.js';

/** Id of a dead letter whose event can be stored. */
export const replayableLetter = 'a'.repeat(24);
/** Id of a dead letter whose event is refused again. */
export const refusedLetter = 'b'.repeat(24);

const letterOf = (id: string, payload: object) => ({
  _id: new mongo.ObjectId(id),
  created_at: new Date(),
  origin: 'ingest',
  target: 'user_activity_event',
  reason: { code: 'event.refused', message: 'the collection took no events', fields: ['event_type'] },
  payload,
  attempts: 1,
  state: 'open',
  replayable: true,
});

/** Keeps two dead letters for the console to show. */
export async function keepConsoleLetters(server: TestServer): Promise<void> {
  await server.mongo.collection('dead_letter_event').insertMany([
    letterOf(replayableLetter, {
      event_type: 'page:viewed',
      received_at: new Date(2),
      occurred_at: new Date(1),
    }),
    letterOf(refusedLetter, { event_type: 7.5 }),
  ]);
}
