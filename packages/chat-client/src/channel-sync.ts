import type { ChatNotices, Message } from '@infratraq/chat-wire';
import { ChannelHistory } from './channel-history.js';
import type { ChatClientEvents } from './chat-client-options.js';
import { ChatError, isTransient } from './chat-error.js';
import type { Connection } from './connection.js';
import type { EventListeners } from './event-listeners.js';
import { Retries } from './retries.js';

const gapMilliseconds = 150;
const longestPatienceMilliseconds = 60_000;

/** Amounts and waits of syncing. */
export interface ChannelSyncOptions {
  readonly answerMilliseconds: number;
  readonly initialMessages: number;
  readonly reconnectMilliseconds: number;
}

/** Keeps copies of the joined channels up to date. */
export class ChannelSync {
  readonly #connection: Connection;
  readonly #options: ChannelSyncOptions;
  readonly #listeners: EventListeners<ChatClientEvents>;
  readonly #retries: Retries;
  readonly #channels = new Map<string, ChannelHistory>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #wanted = new Set<string>();
  readonly #gapTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Channels that were joined on the present connection. */
  readonly #joined = new Set<string>();

  constructor(
    connection: Connection,
    listeners: EventListeners<ChatClientEvents>,
    options: ChannelSyncOptions,
  ) {
    this.#connection = connection;
    this.#listeners = listeners;
    this.#options = options;
    this.#retries = new Retries(options.reconnectMilliseconds);
  }

  add(channel: string): void {
    if (!this.#channels.has(channel)) this.#channels.set(channel, new ChannelHistory(channel));
  }

  remove(channel: string): void {
    this.#channels.delete(channel);
    this.#joined.delete(channel);
    this.#retries.succeed(channel);
  }

  messages(channel: string): readonly Message[] {
    return this.#channels.get(channel)?.messages ?? [];
  }

  /** Joins every channel again, on a new connection. */
  begin(): void {
    this.#joined.clear();
    for (const channel of this.#channels.keys()) {
      this.#retries.stopWaiting(channel);
      this.syncSoon(channel);
    }
  }

  syncAll(): void {
    for (const channel of this.#channels.keys()) this.syncSoon(channel);
  }

  /** Syncs a channel, unless it waits after a failure. */
  syncSoon(channel: string): void {
    if (!this.#connection.isOpen || this.#retries.isWaiting(channel)) return;
    this.sync(channel).catch((error: unknown) => this.#listeners.emit('sync:failed', { channel, error }));
  }

  /**
   * Syncs a channel, one round at a time; a call during a round causes another one.
   * @throws ChatError for permanent refusals; after other failures it tries again later
   */
  sync(channel: string): Promise<void> {
    const running = this.#running.get(channel);
    if (running) {
      this.#wanted.add(channel);
      return running;
    }
    const round = this.#syncRounds(channel)
      .then(
        () => this.#retries.succeed(channel),
        (error: unknown) => this.#fail(channel, error),
      )
      .finally(() => this.#running.delete(channel));
    this.#running.set(channel, round);
    return round;
  }

  /** Merges a message from the server. */
  take(message: Message): void {
    const history = this.#channels.get(message.channel);
    if (!history) return;
    const arrival = history.apply(message);
    if (arrival === 'changed') this.#listeners.emit('message:updated', message);
    if (arrival === 'gap') this.#syncUnlessFilled(history);
    if (arrival !== 'added') return;
    for (const added of [message, ...history.takeAhead()]) this.#listeners.emit('message:created', added);
  }

  takeReaction(reaction: ChatNotices['reaction:changed']): void {
    const message = this.#channels.get(reaction.channel)?.applyReaction(reaction);
    if (message) this.#listeners.emit('message:updated', message);
  }

  /** Merges a member's position from the server. */
  takeRead(read: ChatNotices['read:changed']): void {
    const history = this.#channels.get(read.channel);
    // Without a copy of the channel there is nothing to compare with.
    if (!history || history.applyRead(read)) this.#listeners.emit('read:changed', read);
  }

  close(): void {
    this.#retries.close();
    for (const timer of this.#gapTimers.values()) clearTimeout(timer);
  }

  #fail(channel: string, error: unknown): void {
    if (isTransient(error)) {
      this.#listeners.emit('sync:failed', { channel, error });
      // Otherwise the next connection begins with it.
      if (this.#connection.isOpen && this.#channels.has(channel))
        this.#retries.tryLater(channel, () => this.syncSoon(channel), error.retryAfterMilliseconds);
      return;
    }
    if (error instanceof ChatError && error.code === 'channel.forbidden') {
      const wasShown = this.#channels.get(channel)?.isLoaded;
      this.remove(channel);
      if (wasShown) this.#listeners.emit('channel:removed', { channel });
    }
    throw error;
  }

  /** Missing messages are often only late, so the sync waits a moment. */
  #syncUnlessFilled(history: ChannelHistory): void {
    const { channel } = history;
    if (this.#gapTimers.has(channel)) return;
    const timer = setTimeout(() => {
      this.#gapTimers.delete(channel);
      if (history.hasGap) this.syncSoon(channel);
    }, gapMilliseconds);
    this.#gapTimers.set(channel, timer);
  }

  async #syncRounds(channel: string): Promise<void> {
    do {
      this.#wanted.delete(channel);
      for (let more = true; more;) more = await this.#syncOnce(channel);
    } while (this.#wanted.has(channel));
  }

  async #syncOnce(channel: string): Promise<boolean> {
    const history = this.#channels.get(channel);
    if (!history) return false;
    const isNew = !history.isLoaded;
    const isJoined = this.#joined.has(channel) && !isNew;
    const { id } = this.#connection;
    const request = isNew ? { channel } : history.known();
    // A server that is too busy to answer in time needs more time at the next attempt.
    const patience = this.#options.answerMilliseconds * 2 ** this.#retries.vainTries(channel);
    const answer = await this.#connection.ask(
      isJoined ? 'channel:sync' : 'channel:join',
      request,
      Math.min(patience, Math.max(longestPatienceMilliseconds, this.#options.answerMilliseconds)),
    );
    if (this.#channels.get(channel) !== history) return false;
    if (this.#connection.id === id) this.#joined.add(channel);
    if (isNew || answer.reset) {
      history.reset(answer, this.#options.initialMessages);
      if (answer.reset) this.#listeners.emit('channel:reloaded', { channel });
      return true;
    }
    const { added, changed } = history.merge(answer);
    for (const message of changed) this.#listeners.emit('message:updated', message);
    for (const message of added) this.#listeners.emit('message:created', message);
    for (const read of answer.reads ?? []) this.takeRead({ channel, ...read });
    return answer.has_more;
  }
}
