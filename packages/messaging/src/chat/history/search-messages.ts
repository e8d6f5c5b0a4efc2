import { InvalidInputError } from '@infratraq/kernel';
import type { Models, Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../../collections/chat-message.js';
import { searchMessagesOfChannel, unlistedFields } from '../../collections/chat-message.queries.js';
import type { VisibleBounds } from './visible-history.js';

/** A search in a channel. */
export interface MessageSearch {
  /** Up to 10 words or `"phrases"` that a message must all contain, in any letter case; at most 200 characters. */
  readonly text: string;
  /** Only messages before this `seq`. */
  readonly before?: number | undefined;
  /** From 1 to 100. @default 20 */
  readonly limit?: number | undefined;
}

/** Matching messages, newest first. */
export interface FoundMessages {
  readonly messages: Stored<ChatMessage>[];
  /** The next `before`; null at the beginning of the history. An empty page may have a next one. */
  readonly next_before: number | null;
}

const mostWords = 10;
// Bounds the cost of one search in a long channel; clients continue from `next_before`.
const searchedAtOnce = 50_000;

/**
 * Searches a channel's messages, the newest first.
 * @throws InvalidInputError `search.text`
 */
export async function searchMessages(
  models: Models,
  channel: string,
  { text, before, limit }: MessageSearch & { readonly limit: number },
  { first_seq, latest_seq }: VisibleBounds,
): Promise<FoundMessages> {
  const words = [...text.matchAll(/"([^"]+)"|[^\s"]+/g)].map(([word, phrase]) => phrase ?? word);
  if (words.length === 0 || words.length > mostWords)
    throw new InvalidInputError(`Search for 1 to ${mostWords} words`, { code: 'search.text' });
  const end = Math.min(before ?? Infinity, latest_seq + 1);
  const begin = Math.max(first_seq, end - searchedAtOnce);
  const window = { channel, words, after: begin - 1, before: end };
  const messages = await models.find(searchMessagesOfChannel, window, { limit, omit: unlistedFields });
  const last = messages.length === limit ? messages.at(-1)?.seq : undefined;
  const next = last ?? begin;
  return { messages, next_before: next > first_seq ? next : null };
}
