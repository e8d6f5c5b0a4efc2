import type { Channel, ChatNotices, Message } from '@infratraq/chat-wire';
import type { ChannelApi } from './channel-api.js';
import { ChannelCopies } from './channel-copies.js';
import type { ChatClientEvents } from './chat-client-options.js';
import { ChatError } from './chat-error.js';
import type { EventListeners } from './event-listeners.js';
import { Retries } from './retries.js';

const loading = 'channels';

/** Keeps a copy of the user's channels in step with what the server announces. */
export class ChannelFollower {
  readonly #api: ChannelApi;
  readonly #listeners: EventListeners<ChatClientEvents>;
  readonly #retries: Retries;
  readonly #copies = new ChannelCopies();
  /** Changes since the earliest reading began whose answer is awaited: that answer may be older than they are. */
  readonly #recent: (() => void)[] = [];
  #readings = 0;
  #isFollowing = false;
  #isClosed = false;
  #isWanted = false;
  #loading: Promise<void> | undefined;

  constructor(api: ChannelApi, listeners: EventListeners<ChatClientEvents>, longestWaitMilliseconds: number) {
    this.#api = api;
    this.#listeners = listeners;
    this.#retries = new Retries(longestWaitMilliseconds);
  }

  get all(): readonly Channel[] {
    return this.#copies.all;
  }

  /** Begins to follow. */
  async begin(): Promise<void> {
    this.#isFollowing = true;
    await this.#load();
  }

  /** Reads everything anew: events may have been missed. */
  loadSoon(): void {
    if (!this.#isFollowing || this.#isClosed) return;
    this.#retries.stopWaiting(loading);
    this.#load().then(
      () => this.#retries.succeed(loading),
      (error: unknown) => this.#fail(error),
    );
  }

  take(change: (copies: ChannelCopies) => void): void {
    if (!this.#isFollowing) return;
    const apply = () => change(this.#copies);
    if (this.#readings > 0) this.#recent.push(apply);
    const before = this.#copies.version;
    apply();
    this.#tellUnlessSame(before);
  }

  takeMessage(message: Message): void {
    this.take((copies) => copies.takeMessage(message));
  }

  /** A channel that is not here yet is read; another one takes the change. */
  takeChange(channel: string, change: Partial<Channel>): void {
    if (!this.#isFollowing) return;
    if (this.#copies.get(channel)) this.take((copies) => copies.change(channel, change));
    else this.readSoon(channel);
  }

  takeDeletion(message: ChatNotices['message:deleted']): void {
    this.takeMessage(message);
    const { read_seq } = this.#copies.get(message.channel) ?? {};
    // It is no longer counted as unread, if it was.
    if (message.seq > (read_seq ?? message.seq)) this.readSoon(message.channel);
  }

  takeReaction({ channel, message_id, revision, reactions }: ChatNotices['reaction:changed']): void {
    const { last_message } = this.#copies.get(channel) ?? {};
    if (last_message?.message_id === message_id) this.takeMessage({ ...last_message, revision, reactions });
  }

  /** Moves the user's own position, which another device of theirs may have moved. */
  takeReadOf(read: ChatNotices['read:changed']): void {
    if (read.user_id === this.#api.knownUserId) this.take((copies) => copies.takeRead(read));
  }

  /** Reads one channel anew. */
  readSoon(channel: string): void {
    if (!this.#isFollowing || this.#isClosed) return;
    this.#read(
      () => this.#api.read(channel),
      (found) => this.#copies.put(found),
    ).catch((error: unknown) => {
      const isGone = error instanceof ChatError && /^channel\.(forbidden|unknown)$/.test(error.code);
      if (isGone) this.take((copies) => copies.remove(channel));
      else this.#fail(error);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#retries.close();
  }

  /** One round at a time; a call during a round causes another one, since its events may be younger. */
  #load(): Promise<void> {
    this.#isWanted = true;
    this.#loading ??= this.#loadRounds().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #loadRounds(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#read(
        () => this.#api.list(),
        (channels) => this.#copies.replaceAll(channels),
      );
    }
  }

  async #read<Answer>(ask: () => Promise<Answer>, keep: (answer: Answer) => void): Promise<void> {
    this.#readings += 1;
    try {
      const answer = await ask();
      if (this.#isClosed) return;
      const before = this.#copies.version;
      keep(answer);
      for (const apply of this.#recent) apply();
      this.#tellUnlessSame(before);
    } finally {
      this.#readings -= 1;
      if (this.#readings === 0) this.#recent.length = 0;
    }
  }

  #tellUnlessSame(before: number): void {
    if (this.#copies.version !== before) this.#listeners.emit('channels:changed', { channels: this.all });
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#listeners.emit('sync:failed', { error });
    this.#retries.tryLater(loading, () => this.loadSoon());
  }
}
