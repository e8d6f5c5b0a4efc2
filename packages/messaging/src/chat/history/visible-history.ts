import type { Models } from '@infratraq/mongo';
import { ChannelEnds } from './channel-ends.js';
import type { ChatMembership } from '../membership.js';
import { listMessagesOfChannel } from '../../collections/chat-message.queries.js';

/** Where a channel begins and ends for one member. */
export interface VisibleBounds {
  /** First message that the member can see; one beyond `latest_seq` while there is none. */
  readonly first_seq: number;
  /** The channel's highest `seq`; 0 while it is empty. */
  readonly latest_seq: number;
  /** Changes when messages were cut from the beginning; a client then drops what it has and loads anew. */
  readonly epoch: string;
}

/** Epoch of a channel that shows no message yet; nothing can have been cut from it. */
export const emptyEpoch = 'empty';

const rememberedFloors = 10_000;

/** Finds out how much of a channel is there, and how much of it a member may see. */
export class VisibleHistory {
  readonly #models: Models;
  readonly #membership: ChatMembership;
  readonly #ends: ChannelEnds;
  readonly #floors = new Map<string, number>();

  constructor(models: Models, membership: ChatMembership, ends = new ChannelEnds(models)) {
    this.#models = models;
    this.#membership = membership;
    this.#ends = ends;
  }

  /** The bounds of a channel for a member, who has been admitted. */
  async boundsOf(channel: string, userId: string): Promise<VisibleBounds> {
    const floor = await this.floorOf(channel, userId);
    // In this order: a message that comes in between must not pass for one that was cut.
    const latest_seq = await this.#ends.latestSeq(channel);
    const beginning = await this.#ends.first(channel);
    const first = beginning && beginning.seq < floor ? await this.#messageAt(channel, floor) : beginning;
    return first
      ? {
          first_seq: first.seq,
          latest_seq: Math.max(latest_seq, first.seq),
          epoch: first._id.toHexString(),
        }
      : { first_seq: latest_seq + 1, latest_seq, epoch: emptyEpoch };
  }

  /** The least `seq` that a member may see. */
  async floorOf(channel: string, userId: string): Promise<number> {
    const from = await this.#membership.historyFrom?.(channel, userId);
    if (!from) return 1;
    const key = JSON.stringify([channel, from.getTime()]);
    const known = this.#floors.get(key);
    if (known !== undefined) return known;
    const { seq, found } = await this.firstSince(channel, from);
    // What is appended later is younger, so a place that was found once stays.
    if (found) {
      if (this.#floors.size >= rememberedFloors) this.#floors.clear();
      this.#floors.set(key, seq);
    }
    return seq;
  }

  /** The first message that is not older than a time, found by halving: times rise with `seq`. */
  async firstSince(channel: string, time: Date): Promise<{ seq: number; found: boolean }> {
    let low = (await this.#ends.first(channel))?.seq ?? 0;
    let high = (await this.#ends.latestSeq(channel)) + 1;
    const end = high;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const message = await this.#messageAt(channel, middle);
      // What is missing was cut meanwhile, with all that is older.
      if (message && message.created_at >= time) high = middle;
      else low = middle + 1;
    }
    return { seq: low, found: low < end };
  }

  #messageAt(channel: string, seq: number) {
    return this.#models.findOne(listMessagesOfChannel, { channel, after: seq - 1, before: seq + 1 });
  }
}
