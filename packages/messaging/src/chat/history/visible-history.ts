import type { Models } from '@infratraq/mongo';
import { ChannelEnds } from './channel-ends.js';
import type { ChatMembership } from '../membership.js';
import { listMessagesOfChannel } from '../../collections/chat-message.queries.js';

/** Beginning and end of a channel for one member. */
export interface VisibleBounds {
  /** First visible message; `latest_seq + 1` while there is none. */
  readonly first_seq: number;
  /** The channel's highest `seq`; 0 while it is empty. */
  readonly latest_seq: number;
  /** Changes when messages are cut from the beginning; clients then reload the channel. */
  readonly epoch: string;
}

/** Epoch of a channel without visible messages. */
export const emptyEpoch = 'empty';

const rememberedFloors = 10_000;

/** Finds the visible part of a channel. */
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

  /** Bounds of a channel for an admitted member. */
  async boundsOf(channel: string, userId: string): Promise<VisibleBounds> {
    const floor = await this.floorOf(channel, userId);
    // In this order: a message stored in between must not look like a cut one.
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

  /** Lowest `seq` that a member may see. */
  async floorOf(channel: string, userId: string): Promise<number> {
    const from = await this.#membership.historyFrom?.(channel, userId);
    if (!from) return 1;
    const key = JSON.stringify([channel, from.getTime()]);
    const known = this.#floors.get(key);
    if (known !== undefined) return known;
    const { seq, found } = await this.firstSince(channel, from);
    // Later messages are younger, so a result once found stays valid.
    if (found) {
      if (this.#floors.size >= rememberedFloors) this.#floors.clear();
      this.#floors.set(key, seq);
    }
    return seq;
  }

  /** First message that is not older than a time, by binary search: times rise with `seq`. */
  async firstSince(channel: string, time: Date): Promise<{ seq: number; found: boolean }> {
    let low = (await this.#ends.first(channel))?.seq ?? 0;
    let high = (await this.#ends.latestSeq(channel)) + 1;
    const end = high;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const message = await this.#messageAt(channel, middle);
      // A missing message was cut in the meantime, with all older ones.
      if (message && message.created_at >= time) high = middle;
      else low = middle + 1;
    }
    return { seq: low, found: low < end };
  }

  #messageAt(channel: string, seq: number) {
    return this.#models.findOne(listMessagesOfChannel, { channel, after: seq - 1, before: seq + 1 });
  }
}
