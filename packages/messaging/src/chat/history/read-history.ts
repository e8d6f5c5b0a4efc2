import type { Models, Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../../collections/chat-message.js';
import type { VisibleBounds } from './visible-history.js';
import { listMessagesOfChannel, unlistedFields } from '../../collections/chat-message.queries.js';

/** Part of a channel to read; at most one of the three places. */
export interface HistoryWindow {
  /** Messages before this `seq`. */
  readonly before?: number | undefined;
  /** Messages after this `seq`. */
  readonly after?: number | undefined;
  /** The message with this `seq`, with about as many before it as after it. */
  readonly around?: number | undefined;
  /** From 1 to 200. @default 50 */
  readonly limit?: number | undefined;
}

/** A window of a channel, and whether anything lies beyond either end. */
export interface History {
  /** Oldest first, without gaps. */
  readonly messages: Stored<ChatMessage>[];
  readonly latest_seq: number;
  readonly has_older: boolean;
  readonly has_newer: boolean;
}

/** Reads a window of a channel, which was checked before. */
export async function readHistory(
  models: Models,
  channel: string,
  window: HistoryWindow & { readonly limit: number },
  { first_seq, latest_seq: latestSeq }: VisibleBounds,
): Promise<History> {
  const { before, after, around, limit } = window;

  // Without gaps, a count of messages is a span of numbers, and a query for a span reads nothing beyond it.
  const between = (first: number, last: number) =>
    models.find(
      listMessagesOfChannel,
      { channel, after: Math.max(first, first_seq) - 1, before: last + 1 },
      { omit: unlistedFields },
    );
  const older = (place: number | undefined, count: number) => {
    const last = Math.min(place ?? Infinity, latestSeq + 1) - 1;
    return between(last - count + 1, last);
  };
  const newer = (place: number, count: number) => {
    const after = Math.max(place, first_seq - 1);
    return between(after + 1, after + count);
  };

  const messages =
    around !== undefined
      ? await readAround(around, limit, older, newer)
      : after !== undefined
        ? await newer(after, limit)
        : await older(before, limit);
  const first = messages[0]?.seq;
  const last = messages.at(-1)?.seq;
  return {
    messages,
    latest_seq: Math.max(latestSeq, last ?? 0),
    has_older: first !== undefined ? first > first_seq : (after ?? 0) >= first_seq && latestSeq >= first_seq,
    has_newer: last !== undefined ? last < latestSeq : before !== undefined && before <= latestSeq,
  };
}

type ReadFrom = (place: number, count: number) => Promise<Stored<ChatMessage>[]>;

async function readAround(seq: number, limit: number, older: ReadFrom, newer: ReadFrom) {
  const before = Math.floor((limit - 1) / 2);
  const [left, right] = await Promise.all([
    before > 0 ? older(seq, before) : [],
    newer(seq - 1, limit - before),
  ]);
  return [...left, ...right];
}
