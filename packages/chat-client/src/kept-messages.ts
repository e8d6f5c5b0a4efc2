import { ChatError } from './chat-error.js';
import type { OutboxStorage } from './outbox-storage.js';
import type { PendingMessage } from './pending-message.js';

const positionDigits = 15;

/** Unsent messages in a storage that may fail at any time; a failure is reported and stops no message. */
export class KeptMessages {
  readonly #storage: OutboxStorage | undefined;
  readonly #onFailed: (error: ChatError) => void;
  readonly #keys = new Map<PendingMessage, string>();
  #lastPosition = 0;

  constructor(storage: OutboxStorage | undefined, onFailed: (error: ChatError) => void) {
    this.#storage = storage;
    this.#onFailed = onFailed;
  }

  /** Messages that an earlier client left, in the order in which they were written. */
  load(): PendingMessage[] {
    const entries = this.#try('read', (storage) => [...storage.entries()]) ?? [];
    return entries
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([key, text]) => {
        this.#lastPosition = Math.max(this.#lastPosition, Number.parseInt(key, 10) || 0);
        const message = this.#try('read', () => readMessage(text));
        if (message) this.#keys.set(message, key);
        return message ?? [];
      });
  }

  keep(message: PendingMessage): void {
    // By the clock, so that messages of other tabs are sorted in between; the clock may stand still or be set back.
    this.#lastPosition = Math.max(this.#lastPosition + 1, Date.now());
    const key = `${String(this.#lastPosition).padStart(positionDigits, '0')}:${message.client_message_id}`;
    this.#try('kept', (storage) => {
      storage.set(key, JSON.stringify(message));
      this.#keys.set(message, key);
    });
  }

  forget(message: PendingMessage): void {
    const key = this.#keys.get(message);
    this.#keys.delete(message);
    if (key !== undefined) this.#try('removed', (storage) => storage.delete(key));
  }

  #try<Result>(done: string, use: (storage: OutboxStorage) => Result): Result | undefined {
    try {
      return this.#storage && use(this.#storage);
    } catch (cause) {
      const message = `An unsent message could not be ${done} in the outbox's storage`;
      this.#onFailed(new ChatError({ code: 'client.outbox-storage', message }, { cause }));
      return undefined;
    }
  }
}

/** @throws what is wrong with a text that isn't a message's */
function readMessage(text: string): PendingMessage {
  const message = JSON.parse(text) as PendingMessage;
  for (const field of ['channel', 'client_message_id', 'body'] as const)
    if (typeof message[field] !== 'string') throw new TypeError(`${field} is missing`);
  return message;
}
