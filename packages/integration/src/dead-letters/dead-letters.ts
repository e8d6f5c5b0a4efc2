import { ConflictError, NotFoundError } from '@infratraq/kernel';
import type { Models, Page, PageRequest, Stored } from '@infratraq/mongo';
import { isValidObjectId } from 'mongoose';
import {
  DeadLetterEvent,
  type DeadLetterOrigin,
  type DeadLetterReason,
  type DeadLetterState,
} from '../collections/dead-letter-event.js';
import { listDeadLetters, listDeadLettersOfTarget } from '../collections/dead-letter-event.queries.js';

/** Which dead letters a list holds. */
export interface DeadLetterConditions {
  readonly state: DeadLetterState;
  readonly origin?: DeadLetterOrigin | undefined;
  readonly target?: string | undefined;
  readonly order?: 'oldest' | 'newest' | undefined;
}

/** A dead letter by what it stands for: its target, and its position in the source. */
export type LetterReference = Required<Pick<DeadLetterEvent, 'target' | 'source_position'>>;

/** The dead letters of every part of the product: reads them, and settles them. */
export class DeadLetters {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /**
   * One page of dead letters, by default oldest first.
   * @throws InvalidInputError `cursor.invalid`
   */
  list(
    { target, ...conditions }: DeadLetterConditions,
    page?: PageRequest,
  ): Promise<Page<Stored<DeadLetterEvent>>> {
    return target === undefined
      ? this.#models.page(listDeadLetters, conditions, page)
      : this.#models.page(listDeadLettersOfTarget, { target, ...conditions }, page);
  }

  /** @throws NotFoundError `dead-letter.unknown` */
  async get(id: string): Promise<Stored<DeadLetterEvent>> {
    const letter = isValidObjectId(id) ? await this.#letters.findById(id).lean() : null;
    if (letter === null)
      throw new NotFoundError(
        `There is no dead letter ${id}; it may have expired after 90 days`,
        'dead-letter.unknown',
      );
    return letter as Stored<DeadLetterEvent>;
  }

  /**
   * A dead letter that is still open.
   * @throws NotFoundError `dead-letter.unknown`, ConflictError `dead-letter.settled`
   */
  async getOpen(id: string): Promise<Stored<DeadLetterEvent>> {
    const letter = await this.get(id);
    if (letter.state !== 'open') throw new LetterSettledError(letter);
    return letter;
  }

  /**
   * Settles an open dead letter without replaying it. A letter that is discarded already stays as it is.
   * @throws NotFoundError `dead-letter.unknown`, ConflictError `dead-letter.settled` when it was replayed
   */
  async discard(
    id: string,
    { by, note }: { by: string; note?: string | undefined },
  ): Promise<Stored<DeadLetterEvent>> {
    const { _id } = await this.get(id);
    const resolution = { resolved_at: new Date(), resolved_by: by, ...(note && { note }) };
    await this.#letters.updateOne({ _id, state: 'open' }, { $set: { state: 'discarded', resolution } });
    const letter = await this.get(id);
    if (letter.state !== 'discarded') throw new LetterSettledError(letter);
    return letter;
  }

  /** Counts the open dead letters of a target. */
  countOpen(target: string): Promise<number> {
    return this.#letters.countDocuments({ target, state: 'open' });
  }

  /** Positions in the source of the open dead letters of a target, oldest first. */
  async listOpenPositions(target: string): Promise<string[]> {
    const letters = await this.#letters
      .find({ target, state: 'open' }, { source_position: 1 })
      .sort({ created_at: 1 })
      .lean();
    return letters.map(({ source_position }) => String(source_position));
  }

  /** Settles an open dead letter as replayed; does nothing when it is settled. */
  async settle({ target, source_position }: LetterReference, by: string): Promise<void> {
    await this.#letters.updateOne(
      { target, source_position, state: 'open' },
      { $set: { state: 'replayed', resolution: { resolved_at: new Date(), resolved_by: by } } },
    );
  }

  /** Notes that a replay was refused: the reason, the time, and one more attempt. */
  async noteRefusal(
    { target, source_position }: LetterReference,
    { code, message }: Pick<DeadLetterReason, 'code' | 'message'>,
  ): Promise<void> {
    await this.#letters.updateOne(
      { target, source_position, state: 'open' },
      {
        $set: { reason: { code, message: message.slice(0, 4_000) }, last_attempt_at: new Date() },
        $inc: { attempts: 1 },
      },
    );
  }

  get #letters() {
    return this.#models.of(DeadLetterEvent);
  }
}

/** A dead letter is settled once. */
class LetterSettledError extends ConflictError {
  constructor({ state, resolution }: DeadLetterEvent) {
    const by = resolution ? ` by ${resolution.resolved_by} at ${resolution.resolved_at.toISOString()}` : '';
    super(`This dead letter was ${state}${by}; a settled letter stays as it is`, 'dead-letter.settled');
  }
}
