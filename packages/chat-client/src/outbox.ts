import type { Message } from '@infratraq/chat-wire';
import type { KeptMessages } from './kept-messages.js';
import { Retries } from './retries.js';
import type { PendingMessage } from './pending-message.js';

interface Entry {
  readonly message: PendingMessage;
  readonly resolve: (message: Message) => void;
  readonly reject: (error: unknown) => void;
}

/** Outcome of one attempt to send. */
export type Attempt =
  | { readonly message: Message }
  | { readonly refused: Error }
  /** Try again at the next connection, or after a wait, for which the server may set a minimum. */
  | { readonly again: 'at-connection' }
  | { readonly again: 'later'; readonly leastMilliseconds: number | undefined };

/** Queues unsent messages: per channel in order, one at a time, each until it is acknowledged or refused. */
export class Outbox {
  readonly #queues = new Map<string, Entry[]>();
  readonly #sending = new Set<string>();
  readonly #retries: Retries;
  readonly #kept: KeptMessages;
  readonly #attempt: (message: PendingMessage) => Promise<Attempt>;

  constructor(
    longestWaitMilliseconds: number,
    kept: KeptMessages,
    attempt: (message: PendingMessage) => Promise<Attempt>,
  ) {
    this.#retries = new Retries(longestWaitMilliseconds);
    this.#kept = kept;
    this.#attempt = attempt;
    // No caller awaits these; listeners receive their outcome.
    const ignore = () => undefined;
    for (const message of kept.load())
      this.#queueOf(message.channel).push({ message, resolve: ignore, reject: ignore });
  }

  /** Unacknowledged messages of a channel, in the order in which they were written. */
  pending(channel: string): readonly PendingMessage[] {
    return (this.#queues.get(channel) ?? []).map(({ message }) => message);
  }

  add(message: PendingMessage): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#kept.keep(message);
      this.#queueOf(message.channel).push({ message, resolve, reject });
      if (!this.#retries.isWaiting(message.channel)) void this.#drain(message.channel);
    });
  }

  /** Sends waiting messages on a new connection. */
  flush(): void {
    for (const channel of this.#queues.keys()) {
      this.#retries.stopWaiting(channel);
      void this.#drain(channel);
    }
  }

  /** Rejects all waiting messages; a storage keeps them for the next client. */
  close(error: Error): void {
    this.#retries.close();
    for (const queue of this.#queues.values()) for (const { reject } of queue.splice(0)) reject(error);
  }

  #queueOf(channel: string): Entry[] {
    const queue = this.#queues.get(channel) ?? [];
    this.#queues.set(channel, queue);
    return queue;
  }

  async #drain(channel: string): Promise<void> {
    if (this.#sending.has(channel)) return;
    this.#sending.add(channel);
    const queue = this.#queueOf(channel);
    for (let entry = queue[0]; entry; entry = queue[0]) {
      const attempt = await this.#attempt(entry.message);
      // Closed meanwhile: nothing is tried again.
      if (queue[0] !== entry) break;
      if ('again' in attempt) {
        if (attempt.again === 'later')
          this.#retries.tryLater(channel, () => void this.#drain(channel), attempt.leastMilliseconds);
        break;
      }
      this.#retries.succeed(channel);
      queue.shift();
      this.#kept.forget(entry.message);
      if ('message' in attempt) entry.resolve(attempt.message);
      else entry.reject(attempt.refused);
    }
    this.#sending.delete(channel);
  }
}
