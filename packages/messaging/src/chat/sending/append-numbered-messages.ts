import { setTimeout as wait } from 'node:timers/promises';
import { backOffMilliseconds, InfratraqError } from '@infratraq/kernel';
import { isDuplicateKey, isTransient, type Models, type Stored, trusted } from '@infratraq/mongo';
import type { ChannelEnds } from '../history/channel-ends.js';
import { ChatMessage } from '../../collections/chat-message.js';

/** A message without a number. */
export type UnplacedMessage = Omit<Stored<ChatMessage>, 'seq'>;

/** A numbered message, and whether this call stored it. */
export interface AppendedMessage {
  readonly message: Stored<ChatMessage>;
  /** False for a retry of a message that was stored before. */
  readonly created: boolean;
}

interface Waiting {
  readonly unplaced: UnplacedMessage;
  readonly resolve: (appended: AppendedMessage) => void;
  readonly reject: (error: unknown) => void;
}

interface ChannelQueue {
  readonly waiting: Waiting[];
  /** Messages that wait or are being stored, by key: a retry in the meantime joins the first attempt. */
  readonly pending: Map<string, Promise<AppendedMessage>>;
  /** Highest `seq` known to be stored; another process may have stored more. */
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
 * Numbers the messages of each channel (`seq`) and stores them.
 *
 * Messages that arrive while a batch is being stored form the next batch, numbered after it. The unique index on channel
 * and `seq` refuses a number that another process took first; the rest of the batch is then numbered again. A batch is
 * inserted in order and stops at its first refusal, so no number is skipped.
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
   * Numbers and stores a message; resolves once a majority of the database's nodes has it.
   * @throws InfratraqError `channel.busy` when too many messages wait, or when other processes keep taking the numbers
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
      // Lean: each document was checked before.
      await this.#models.of(ChatMessage).insertMany(documents, { ordered: true, lean: true });
      settle(documents.length);
      return { stored: documents.length };
    } catch (error) {
      if (!isDuplicateKey(error) && !isTransient(error)) throw error;
      // After a broken connection, a query finds the stored messages of the batch.
      const stored = isDuplicateKey(error) ? countBeforeRefusal(error) : 0;
      settle(stored);
      return { stored, error };
    }
  }

  /** Resolves messages that an earlier attempt or another process has stored, and returns the others. */
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
      // The id was made before the first attempt: the same id means that this call stored the message.
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
  return new InfratraqError('channel.busy', `${channel} is busy; send the message again in a second`, {
    status: 503,
    retryAfterMilliseconds: 1_000,
    cause,
  });
}
