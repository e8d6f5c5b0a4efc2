import { trusted, type Models } from '@infratraq/mongo';
import type { Types } from 'mongoose';
import { ChatMessage } from '../../collections/chat-message.js';

/** A message's id and number. */
export interface MessagePlace {
  readonly _id: Types.ObjectId;
  readonly seq: number;
}

const rememberedChannels = 10_000;

/**
 * Finds the first and last message of channels. Both only move forward, so a search starts at the last result: some
 * engines read every match of a filter before they return the first, which is slow in long channels.
 */
export class ChannelEnds {
  readonly #models: Models;
  readonly #first = new Map<string, number>();
  readonly #latest = new Map<string, number>();

  constructor(models: Models) {
    this.#models = models;
  }

  /** The highest `seq`; 0 for a channel without messages. */
  async latestSeq(channel: string): Promise<number> {
    const known = this.#latest.get(channel);
    const latest =
      (known === undefined ? null : await this.#find(channel, { $gte: known }, -1)) ??
      // Nothing there: the store was restored from a backup.
      (await this.#find(channel, undefined, -1));
    remember(this.#latest, channel, latest?.seq);
    return latest?.seq ?? 0;
  }

  /** The first message that is still stored. */
  async first(channel: string): Promise<MessagePlace | null> {
    const known = this.#first.get(channel);
    if (known !== undefined) {
      const found = await this.#find(channel, { $gte: known - 1, $lte: known }, 1);
      if (found?.seq === known) return found;
    }
    const first = await this.#find(channel, undefined, 1);
    remember(this.#first, channel, first?.seq);
    return first;
  }

  #find(channel: string, seq: Record<string, number> | undefined, direction: 1 | -1) {
    return this.#models
      .of(ChatMessage)
      .findOne({ channel, ...(seq && { seq: trusted(seq) }) })
      .sort({ seq: direction })
      .select({ seq: 1 })
      .read('primary')
      .lean<MessagePlace | null>();
  }
}

function remember(places: Map<string, number>, channel: string, seq: number | undefined): void {
  if (places.size >= rememberedChannels) places.clear();
  if (seq === undefined) places.delete(channel);
  else places.set(channel, seq);
}
