import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import { ChatReadState } from '../collections/chat-read-state.js';
import { findReadState } from '../collections/chat-read-state.queries.js';

/** Highest `seq` that a member has received, and that they have read. */
export interface Position {
  readonly delivered_seq: number;
  readonly read_seq: number;
}

/** A move of a position up to a message. */
export interface PositionMove {
  readonly channel: string;
  readonly user_id: string;
  readonly seq: number;
}

/** Stores each member's delivered and read position. Positions only move forward. */
export class ReadPositions {
  readonly #models: Models;

  constructor(models: Models) {
    this.#models = models;
  }

  /** The member's position; zeros before the first message. */
  async find(channel: string, user_id: string): Promise<Position> {
    const state = await this.#models.findOne(findReadState, { channel, user_id });
    return { delivered_seq: state?.delivered_seq ?? 0, read_seq: state?.read_seq ?? 0 };
  }

  /** Moves the read position, and the delivered one with it. */
  markRead(move: PositionMove): Promise<Position & { changed: boolean }> {
    return this.#advance(move, ['read_seq', 'delivered_seq']);
  }

  /** Moves the delivered position. */
  markDelivered(move: PositionMove): Promise<Position & { changed: boolean }> {
    return this.#advance(move, ['delivered_seq']);
  }

  async #advance(
    { channel, user_id, seq }: PositionMove,
    fields: readonly ['read_seq', 'delivered_seq'] | readonly ['delivered_seq'],
  ): Promise<Position & { changed: boolean }> {
    const model = this.#models.of(ChatReadState);
    const now = new Date();
    const [leading] = fields;
    const times = Object.fromEntries(fields.map((field) => [field.replace('_seq', '_at'), now]));
    const highest = Object.fromEntries(fields.map((field) => [field, seq]));
    for (;;) {
      const moved = await model
        .findOneAndUpdate(
          { channel, user_id, [leading]: trusted({ $lt: seq }) },
          { $max: highest, $set: { ...times, updated_at: now } },
          { returnDocument: 'after', lean: true },
        )
        .exec();
      if (moved) return { delivered_seq: moved.delivered_seq, read_seq: moved.read_seq, changed: true };
      const present = await this.find(channel, user_id);
      if (present[leading] >= seq) return { ...present, changed: false };
      const first = {
        channel,
        user_id,
        delivered_seq: 0,
        read_seq: 0,
        ...highest,
        ...times,
        updated_at: now,
      };
      try {
        await model.create(first);
        return { delivered_seq: first.delivered_seq, read_seq: first.read_seq, changed: true };
      } catch (error) {
        // Another device of the member was first; its position is moved now.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }
}
