import { InfratraqError } from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import { Types } from 'mongoose';
import { DeadLetterEvent } from '../collections/dead-letter-event.js';

/** Stores events in the collections that refused them; `createEventReplay` of `@infratraq/ingest` makes one. */
export interface EventStore {
  /** @throws InfratraqError with a code that begins with `event.` when the event cannot be stored */
  check(collection: string, event: LetterEvent): unknown;
  /** @throws InfratraqError with a code that begins with `event.` when the event cannot be stored */
  store(collection: string, event: LetterEvent): Promise<void>;
}

interface LetterEvent {
  readonly document: object;
  readonly id: Types.ObjectId;
  readonly recordedAt: Date;
  readonly user_id?: string | undefined;
  readonly cause_id?: string | undefined;
}

/** Open dead letters of events: all of them, one, or those of one collection and one reason. */
export interface LetterSelection {
  readonly id?: string | undefined;
  readonly collection?: string | undefined;
  readonly reason?: string | undefined;
}

/** Outcome of replaying a dead letter, or, in a dry run, the outcome to expect. */
export interface LetterOutcome {
  readonly id: string;
  readonly collection: string;
  readonly created_at: Date;
  /** `lacking`: its class did not know all of its fields, and their values were not kept. */
  readonly outcome: 'storable' | 'stored' | 'refused' | 'lacking';
  /** Why it was refused: now if it was again, otherwise when the letter was written. */
  readonly reason: string;
}

/**
 * Stores the events of dead letters, oldest first, and settles the letters; a dry run changes nothing. After an
 * interruption, run it again: no event is stored twice.
 */
export async function* replayEvents(
  models: Models,
  events: EventStore,
  selection: LetterSelection,
  { isDryRun, by }: { isDryRun: boolean; by: string },
): AsyncGenerator<LetterOutcome> {
  const letters = models.of(DeadLetterEvent);
  for await (const letter of letters.find(filterOf(selection)).sort({ created_at: 1 }).lean().cursor()) {
    const { _id, target: collection, created_at } = letter;
    const told = { id: String(_id), collection, created_at };
    if (!letter.replayable || letter.payload === undefined) {
      yield { ...told, outcome: 'lacking', reason: letter.reason.message };
      continue;
    }
    const event: LetterEvent = {
      document: letter.payload as object,
      id: _id as Types.ObjectId,
      recordedAt: created_at,
      user_id: letter.user_id,
      cause_id: letter.cause_id,
    };
    try {
      if (isDryRun) events.check(collection, event);
      else await events.store(collection, event);
    } catch (error) {
      if (!(error instanceof InfratraqError) || !error.code.startsWith('event.')) throw error;
      const reason = { code: error.code, message: error.message.slice(0, 4_000) };
      if (!isDryRun)
        await letters.updateOne(
          { _id, state: 'open' },
          { $set: { reason, last_attempt_at: new Date() }, $inc: { attempts: 1 } },
        );
      yield { ...told, outcome: 'refused', reason: reason.message };
      continue;
    }
    if (!isDryRun)
      await letters.updateOne(
        { _id, state: 'open' },
        { $set: { state: 'replayed', resolution: { resolved_at: new Date(), resolved_by: by } } },
      );
    yield { ...told, outcome: isDryRun ? 'storable' : 'stored', reason: letter.reason.message };
  }
}

function filterOf({ id, collection, reason }: LetterSelection) {
  return {
    state: 'open' as const,
    origin: 'ingest' as const,
    target: trusted(collection === undefined ? { $exists: true } : { $eq: collection }),
    ...(id !== undefined && { _id: new Types.ObjectId(id) }),
    ...(reason !== undefined && { 'reason.code': reason }),
  };
}
