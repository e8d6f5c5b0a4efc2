import type { ChatRequest, ChatResult, Message } from '@infratraq/chat-wire';
import { ChannelApi } from './channel-api.js';
import { ChannelDirectory } from './channel-directory.js';
import { ChannelFollower } from './channel-follower.js';
import { ChannelSync } from './channel-sync.js';
import { ChatError, isTransient } from './chat-error.js';
import { Connection } from './connection.js';
import { EventListeners } from './event-listeners.js';
import type { ChatClientEvents, ChatClientOptions } from './chat-client-options.js';
import { hearEvents } from './hear-events.js';
import { KeptMessages } from './kept-messages.js';
import { makeKey } from './make-key.js';
import { Outbox, type Attempt } from './outbox.js';
import type { Draft, PendingMessage } from './pending-message.js';

/**
 * Chat over bad networks: messages written offline are sent later, once, and missed messages are fetched, so that
 * `messages` has no gaps and is in order.
 *
 * @example
 * const chat = new ChatClient('https://infratraq.example', { token });
 * chat.on('message:created', ({ seq, body }) => console.log(seq, body));
 * await chat.join('project:42');
 * await chat.send({ channel: 'project:42', body: 'Span 4 is closed' });
 */
export class ChatClient {
  /** The user's channels: makes, changes and lists them. */
  readonly channels: ChannelDirectory;
  readonly #connection: Connection;
  readonly #listeners = new EventListeners<ChatClientEvents>();
  readonly #channels: ChannelSync;
  readonly #outbox: Outbox;
  readonly #follower: ChannelFollower;
  readonly #interval: ReturnType<typeof setInterval>;

  constructor(url: string, given: ChatClientOptions) {
    const options = {
      answerMilliseconds: 10_000,
      syncMilliseconds: 30_000,
      initialMessages: 1_000,
      reconnectMilliseconds: 5_000,
      apiUrl: `${url.replace(/\/$/, '')}/api/v1`,
      ...given,
    };
    this.#connection = new Connection(url, options, (error) =>
      this.#listeners.emit('connection:refused', { error }),
    );
    this.#channels = new ChannelSync(this.#connection, this.#listeners, options);
    const kept = new KeptMessages(options.outboxStorage, (error) => this.#tellOutboxFailed(error));
    this.#outbox = new Outbox(options.reconnectMilliseconds, kept, (message) => this.#attempt(message));
    const api = new ChannelApi(options);
    this.#follower = new ChannelFollower(api, this.#listeners, options.reconnectMilliseconds);
    this.channels = new ChannelDirectory(api, this.#follower);
    this.#listen();
    this.#interval = setInterval(() => {
      this.#channels.syncAll();
      this.#follower.loadSoon();
    }, options.syncMilliseconds);
  }

  get connected(): boolean {
    return this.#connection.isOpen;
  }

  /** Adds a listener; the answer removes it. */
  on<Name extends keyof ChatClientEvents>(
    name: Name,
    listener: (payload: ChatClientEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener);
  }

  /** Messages of a joined channel: gap-free, in order, each in its newest version. */
  messages(channel: string): readonly Message[] {
    return this.#channels.messages(channel);
  }

  /** Messages written here that the server hasn't acknowledged. */
  pending(channel: string): readonly PendingMessage[] {
    return this.#outbox.pending(channel);
  }

  /**
   * Joins a channel and loads its latest messages; while offline, it joins at the next connection.
   * @throws ChatError `channel.forbidden`
   */
  async join(channel: string): Promise<void> {
    this.#channels.add(channel);
    if (this.connected) await this.#channels.sync(channel);
  }

  /** Leaves a channel and forgets its messages. */
  async leave(channel: string): Promise<void> {
    this.#channels.remove(channel);
    if (this.connected) await this.#connection.ask('channel:leave', { channel });
  }

  /**
   * Sends a message, while offline at the next connection; resolves once the server has stored it.
   * @throws ChatError when the server refuses it for good
   */
  send({ client_message_id = makeKey(), ...draft }: Draft): Promise<Message> {
    const message: PendingMessage = { ...draft, client_message_id };
    const sent = this.#outbox.add(message);
    this.#listeners.emit('message:pending', message);
    return sent;
  }

  /** Replaces the body of the user's own message. */
  edit(message_id: string, body: string): Promise<Message> {
    return this.#change('message:edit', { message_id, body });
  }

  /** Deletes a message; a tombstone keeps its place. */
  delete(message_id: string): Promise<Message> {
    return this.#change('message:delete', { message_id });
  }

  /** Pins or unpins a message. */
  pin(message_id: string, on: boolean): Promise<Message> {
    return this.#change('message:pin', { message_id, on });
  }

  /** Adds or removes a reaction. */
  async react(message_id: string, emoji: string, on: boolean): Promise<void> {
    await this.#connection.ask('message:react', { message_id, emoji, on });
  }

  /** Moves the read position up to a message. */
  async markRead(channel: string, seq: number): Promise<void> {
    const { read_seq } = await this.#connection.ask('message:read', { channel, seq });
    this.#follower.take((copies) => copies.takeRead({ channel, read_seq }));
  }

  /** Announces that the user types, or has stopped. */
  async type(channel: string, on: boolean): Promise<void> {
    await this.#connection.ask('typing', { channel, on });
  }

  /** Users who are in the channel now, as far as the server knows: see {@link ChatClient.presence}. */
  async listPresent(channel: string): Promise<ChatResult<'presence:list'>['users']> {
    return (await this.presence(channel)).users;
  }

  /** Users who are in the channel now; not `complete` while the server that answers cannot ask the others. */
  async presence(channel: string): Promise<ChatResult<'presence:list'>> {
    const { users, complete } = await this.#connection.ask('presence:list', { channel });
    return { users, complete };
  }

  /**
   * Disconnects for good. Waiting messages are rejected with `client.closed`; with an `outboxStorage`, the next client
   * sends them.
   */
  close(): void {
    clearInterval(this.#interval);
    this.#channels.close();
    this.#follower.close();
    this.#connection.close();
    this.#outbox.close(
      new ChatError({ code: 'client.closed', message: 'The client was closed before the message was sent' }),
    );
  }

  #listen(): void {
    const connection = this.#connection;
    connection.onOpened(() => {
      this.#listeners.emit('connection:changed', { connected: true });
      this.#channels.begin();
      this.#follower.loadSoon();
      this.#outbox.flush();
    });
    connection.onLost(() => this.#listeners.emit('connection:changed', { connected: false }));
    hearEvents(connection, {
      listeners: this.#listeners,
      channels: this.#channels,
      follower: this.#follower,
    });
  }

  /** In a microtask: while the constructor reads the storage, the client has no listeners yet. */
  #tellOutboxFailed(error: ChatError): void {
    queueMicrotask(() => this.#listeners.emit('outbox:failed', { error }));
  }

  async #attempt(message: PendingMessage): Promise<Attempt> {
    if (!this.connected) return { again: 'at-connection' };
    try {
      const { message: stored } = await this.#connection.ask('message:send', message);
      this.#channels.take(stored);
      this.#follower.takeMessage(stored);
      return { message: stored };
    } catch (error) {
      // The same id makes another try safe, whatever became of this one.
      if (isTransient(error))
        return this.connected
          ? { again: 'later', leastMilliseconds: error.retryAfterMilliseconds }
          : { again: 'at-connection' };
      this.#listeners.emit('message:refused', { message, error: error as Error });
      return { refused: error as Error };
    }
  }

  async #change<Name extends 'message:edit' | 'message:delete' | 'message:pin'>(
    name: Name,
    payload: ChatRequest<Name>,
  ): Promise<Message> {
    const { message } = await this.#connection.ask(name, payload);
    this.#channels.take(message);
    return message;
  }
}
