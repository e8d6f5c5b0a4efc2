import { createEventReplay, type KeptEvent } from '@infratraq/ingest';
import { DeadLetterEvent } from '@infratraq/integration';
import { InfratraqError } from '@infratraq/kernel';
import { trusted, type Models } from '@infratraq/mongo';
import type { mongo } from 'mongoose';

/** Which dead letters are meant: the open ones that events left, of one collection and one reason if told. */
export interface LetterSelection {
  readonly collection?: string | undefined;
  readonly reason?: string | undefined;
}

/** What became of dead letters, or would. */
export interface LetterOutcome {
  readonly id: string;
  readonly collection: string;
  readonly created_at: Date;
  /** `lacking`: its class did not know all of its fields, and their values were not kept. */
  readonly outcome: 'storable' | 'stored' | 'refused' | 'lacking';
  /** Why it was refused, then or now. */
  readonly reason: string;
}

/**
 * Stores what dead letters keep of events, oldest first, and settles them; a dry run only says what would be stored.
 * Ended in the middle, it goes on where it was when it runs again: no event is stored twice.
 */
export async function* replayEvents(
  models: Models,
  selection: LetterSelection,
  { isDryRun, by }: { isDryRun: boolean; by: string },
): AsyncGenerator<LetterOutcome> {
  const letters = models.of(DeadLetterEvent);
  const replay = createEventReplay(models);
  const filter = {
    state: 'open' as const,
    origin: 'ingest' as const,
    target: trusted(selection.collection === undefined ? { $exists: true } : { $eq: selection.collection }),
    ...(selection.reason !== undefined && { 'reason.code': selection.reason }),
  };
  for await (const letter of letters.find(filter).sort({ created_at: 1 }).lean().cursor()) {
    const { _id, target: collection, created_at } = letter;
    const told = { id: String(_id), collection, created_at };
    if (!letter.replayable || letter.payload === undefined) {
      yield { ...told, outcome: 'lacking', reason: letter.reason.message };
      continue;
    }
    const event: KeptEvent = {
      document: letter.payload as object,
      id: _id as mongo.ObjectId,
      recordedAt: created_at,
      user_id: letter.user_id,
      cause_id: letter.cause_id,
    };
    try {
      if (isDryRun) replay.check(collection, event);
      else await replay.store(collection, event);
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
