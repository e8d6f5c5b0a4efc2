import type { Models, Stored } from '@infratraq/mongo';
import type { ChatMessage } from '../../collections/chat-message.js';
import {
  listChangedMessages,
  listMessagesOfChannel,
  unlistedFields,
} from '../../collections/chat-message.queries.js';
import { listReadStatesMoved } from '../../collections/chat-read-state.queries.js';
import type { Position } from '../read-positions.js';
import { emptyEpoch, type VisibleBounds } from './visible-history.js';

/** A returning client's copy of a channel. */
export interface KnownHistory {
  /** `seq` of its last message; 0 for none. */
  readonly after_seq: number;
  /** `epoch` of its last answer. */
  readonly epoch?: string | undefined;
  /** Id of the message at `after_seq`; a different one means that the store was restored from a backup. */
  readonly after_message_id?: string | undefined;
  /** `synced_at` of its last answer; messages changed since then are answered again. */
  readonly changed_since?: Date | undefined;
}

/** How far a member has received and read a channel. */
interface MemberPosition extends Position {
  readonly user_id: string;
}

/** Messages that a member has not received yet. */
export interface MissedMessages extends VisibleBounds {
  /** In order, without gaps, from the one after `after_seq`; empty when `reset` is set. */
  readonly messages: Stored<ChatMessage>[];
  /** Older messages that were edited, deleted, pinned or reacted to since `changed_since`, as they are now. */
  readonly changed: Stored<ChatMessage>[];
  /** Members whose positions moved since `changed_since`, with where they are now. */
  readonly reads: MemberPosition[];
  /** More messages follow; ask again from the last message's `seq`. */
  readonly has_more: boolean;
  /** The copy no longer matches the store: drop it, and load from `first_seq`. */
  readonly reset: boolean;
  /** The next `changed_since`. */
  readonly synced_at: Date;
}

const missedLimit = 1_000;
const mostBytes = 4 * 1_024 * 1_024;
// Clocks of server processes differ a little, and a change carries the time at which it began.
const clockMarginMilliseconds = 10_000;

/** Reads the messages after a place, or finds that the copy cannot be continued. */
export async function readMissed(
  models: Models,
  channel: string,
  known: KnownHistory,
  bounds: VisibleBounds,
): Promise<MissedMessages> {
  const synced_at = new Date();
  const after = Math.max(known.after_seq, bounds.first_seq - 1);
  // Without gaps, a count of messages is a span of numbers, and a query for a span reads nothing beyond it.
  const span = { channel, after: after - 1, before: after + missedLimit + 2 };
  const [changed, read, reads] = await Promise.all([
    readChanged(models, channel, known, bounds),
    models.find(listMessagesOfChannel, span, { omit: unlistedFields, bytes: mostBytes }),
    readPositions(models, channel, known),
  ]);
  const last = read.find(({ seq }) => seq === known.after_seq);
  if (!changed || isCut(known, bounds) || isReplaced(known, last))
    return { ...bounds, messages: [], changed: [], reads, has_more: false, reset: true, synced_at };
  const found = read.filter(({ seq }) => seq > after);
  const messages = found.slice(0, missedLimit);
  const latest_seq = Math.max(bounds.latest_seq, found.at(-1)?.seq ?? 0);
  // Few large messages may reach the limit of bytes before the other one.
  const reached = messages.at(-1)?.seq;
  const has_more = found.length > missedLimit || (reached !== undefined && reached < bounds.latest_seq);
  return { ...bounds, latest_seq, messages, changed, reads, has_more, reset: false, synced_at };
}

function isCut({ after_seq, epoch }: KnownHistory, bounds: VisibleBounds): boolean {
  if (after_seq === 0) return false;
  if (after_seq > bounds.latest_seq || after_seq < bounds.first_seq - 1) return true;
  return epoch !== undefined && epoch !== emptyEpoch && epoch !== bounds.epoch;
}

function isReplaced(
  { after_seq, after_message_id }: KnownHistory,
  there: Stored<ChatMessage> | undefined,
): boolean {
  return after_message_id !== undefined && after_seq !== 0 && there?._id.toHexString() !== after_message_id;
}

/** Undefined when too many messages were changed for one answer. */
async function readChanged(
  models: Models,
  channel: string,
  { after_seq, changed_since }: KnownHistory,
  { first_seq }: VisibleBounds,
): Promise<Stored<ChatMessage>[] | undefined> {
  if (!changed_since) return [];
  const since = withMargin(changed_since);
  const changed = await models.find(
    listChangedMessages,
    { channel, since },
    {
      limit: missedLimit + 1,
      omit: unlistedFields,
    },
  );
  if (changed.length > missedLimit) return undefined;
  return changed.filter(({ seq }) => seq <= after_seq && seq >= first_seq);
}

async function readPositions(
  models: Models,
  channel: string,
  { changed_since }: KnownHistory,
): Promise<MemberPosition[]> {
  if (!changed_since) return [];
  const since = withMargin(changed_since);
  const moved = await models.find(listReadStatesMoved, { channel, since }, { limit: missedLimit });
  return moved.map(({ user_id, delivered_seq, read_seq }) => ({ user_id, delivered_seq, read_seq }));
}

function withMargin(time: Date): Date {
  return new Date(time.getTime() - clockMarginMilliseconds);
}
