import { setTimeout as wait } from 'node:timers/promises';
import { backOffMilliseconds, InfratraqError } from '@infratraq/kernel';
import { isDuplicateKey, isTransient, type Models, type Stored, trusted } from '@infratraq/mongo';
import type { ChannelEnds } from '../history/channel-ends.js';
import { ChatMessage } from '../../collections/chat-message.js';

/** A message that has no place in its channel yet. */
export type UnplacedMessage = Omit<Stored<ChatMessage>, 'seq'>;

/** A message with its place, and whether this call stored it. */
export interface AppendedMessage {
  readonly message: Stored<ChatMessage>;
  /** False when this message had been stored before, and was only asked for again. */
  readonly created: boolean;
}

interface Waiting {
  readonly unplaced: UnplacedMessage;
  readonly resolve: (appended: AppendedMessage) => void;
  readonly reject: (error: unknown) => void;
}

interface ChannelQueue {
  readonly waiting: Waiting[];
  /** What is waiting or being stored, so that a message which is sent again meanwhile is stored with the first try. */
  readonly pending: Map<string, Promise<AppendedMessage>>;
  /** Highest `seq` known to be stored; another process may have gone further. */
  lastSeq: number | undefined;
}

const batchSize = 200;
const waitingLimit = 2_000;
const fruitlessAttempts = 60;
const rememberedChannels = 5_000;
// Another process took the number: it is faster to try again than to wait.
const whileContended = { firstMilliseconds: 1, longestMilliseconds: 100 };
const whileAway = { firstMilliseconds: 100, longestMilliseconds: 600 };

/**
 * Gives messages their `seq` and stores them.
 *
 * Messages of a channel that arrive while one batch is being stored form the next, numbered on from the last.
 * The unique index on channel and `seq` refuses a number that another process took first; the rest of the batch
 * is then numbered anew. A batch is inserted in order and stops at its first refusal, so no number is skipped.
 */
export class MessageAppender {
  readonly #models: Models;
  readonly #ends: ChannelEnds;
  readonly #channels = new Map<string, ChannelQueue>();
  readonly #draining = new Set<string>();

  constructor(models: Models, ends: ChannelEnds) {
    this.#models = models;
    this.#ends = ends;
  }

  /**
   * Stores a message; resolves once a majority has it.
   * @throws InfratraqError `channel.busy` when more are waiting than can be stored soon, and when other processes take
   * every number for too long
   */
  append(unplaced: UnplacedMessage): Promise<AppendedMessage> {
    const { channel } = unplaced;
    const queue: ChannelQueue = this.#channels.get(channel) ?? {
      waiting: [],
      pending: new Map(),
      lastSeq: undefined,
    };
    this.#channels.set(channel, queue);
    const key = keyOf(unplaced);
    const earlier = queue.pending.get(key);
    if (earlier) return earlier.then(({ message }) => ({ message, created: false }));
    if (queue.waiting.length >= waitingLimit) return Promise.reject(busyChannel(channel));
    const appended = new Promise<AppendedMessage>((resolve, reject) => {
      queue.waiting.push({ unplaced, resolve, reject });
    });
    queue.pending.set(key, appended);
    const forget = () => void queue.pending.delete(key);
    appended.then(forget, forget);
    if (!this.#draining.has(channel)) void this.#drain(channel, queue);
    return appended;
  }

  async #drain(channel: string, queue: ChannelQueue): Promise<void> {
    this.#draining.add(channel);
    while (queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, batchSize);
      try {
        await this.#store(channel, queue, batch);
      } catch (error) {
        queue.lastSeq = undefined;
        for (const { reject } of batch) reject(error);
      }
    }
    this.#draining.delete(channel);
    if (this.#channels.size > rememberedChannels) this.#channels.delete(channel);
  }

  async #store(channel: string, queue: ChannelQueue, batch: readonly Waiting[]): Promise<void> {
    let pending = batch;
    let fruitless = 0;
    while (pending.length > 0) {
      queue.lastSeq ??= await this.#ends.latestSeq(channel);
      const { stored, error } = await this.#insertInOrder(pending, queue.lastSeq);
      queue.lastSeq += stored;
      pending = pending.slice(stored);
      if (!error) continue;
      queue.lastSeq = undefined;
      fruitless = stored > 0 ? 0 : fruitless + 1;
      if (fruitless > fruitlessAttempts) throw busyChannel(channel, error);
      if (!isDuplicateKey(error)) await wait(backOffMilliseconds(fruitless, whileAway));
      else if (fruitless > 1) await wait(backOffMilliseconds(fruitless, whileContended));
      pending = await this.#settleStored(channel, pending);
    }
  }

  async #insertInOrder(
    pending: readonly Waiting[],
    lastSeq: number,
  ): Promise<{ stored: number; error?: unknown }> {
    const documents = pending.map(({ unplaced }, place) => ({ ...unplaced, seq: lastSeq + 1 + place }));
    const settle = (count: number) => {
      for (const [place, { resolve }] of pending.slice(0, count).entries())
        resolve({ message: documents[place] as Stored<ChatMessage>, created: true });
    };
    try {
      // Lean: each document was validated before it came here.
      await this.#models.of(ChatMessage).insertMany(documents, { ordered: true, lean: true });
      settle(documents.length);
      return { stored: documents.length };
    } catch (error) {
      if (!isDuplicateKey(error) && !isTransient(error)) throw error;
      // Which of a batch were stored before a connection broke is found by asking, not by counting.
      const stored = isDuplicateKey(error) ? countBeforeRefusal(error) : 0;
      settle(stored);
      return { stored, error };
    }
  }

  /** Answers those that are stored already, by an earlier try or by another process; gives back the others. */
  async #settleStored(channel: string, pending: readonly Waiting[]): Promise<readonly Waiting[]> {
    const senders = [...new Set(pending.map(({ unplaced }) => unplaced.sender_id))];
    const clientIds = pending.map(({ unplaced }) => unplaced.client_message_id);
    const found = await this.#models
      .of(ChatMessage)
      .find({
        channel,
        sender_id: trusted({ $in: senders }),
        client_message_id: trusted({ $in: clientIds }),
      })
      .read('primary')
      .readConcern('majority')
      .lean<Stored<ChatMessage>[]>();
    const byKey = new Map(found.map((message) => [keyOf(message), message]));
    return pending.filter(({ unplaced, resolve }) => {
      const message = byKey.get(keyOf(unplaced));
      // The id is made before the first try, so it tells a try of ours from somebody else's message.
      if (message) resolve({ message, created: message._id.equals(unplaced._id) });
      return !message;
    });
  }
}

function keyOf({ sender_id, client_message_id }: UnplacedMessage): string {
  return JSON.stringify([sender_id, client_message_id]);
}

function countBeforeRefusal(error: unknown): number {
  const { writeErrors } = error as { writeErrors?: readonly { index: number }[] };
  return writeErrors?.[0]?.index ?? 0;
}

function busyChannel(channel: string, cause?: unknown): InfratraqError {
  return new InfratraqError('channel.busy', `${channel} takes no message now; send it again`, {
    status: 503,
    retryAfterMilliseconds: 1_000,
    cause,
  });
}
