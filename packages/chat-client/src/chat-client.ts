import { io, type Socket } from 'socket.io-client';
import { ChannelHistory } from './channel-history.js';
import { ChatError } from './chat-error.js';
import { EventListeners } from './event-listeners.js';
import type { ChatClientEvents, ChatClientOptions } from './chat-client-options.js';
import { Outbox, type Attempt, type Draft, type PendingMessage } from './outbox.js';
import type { Answer, Message, ServerEvents, SyncAnswer } from './wire.js';

const gapMilliseconds = 150;

/**
 * Chat that survives bad networks: messages written offline are sent later and once, and what was missed is fetched,
 * so that `messages` is always gap-free and in order.
 *
 * @example
 * const chat = new ChatClient('https://infratraq.example', { token });
 * chat.on('message:created', ({ seq, body }) => console.log(seq, body));
 * await chat.join('project:42');
 * await chat.send({ channel: 'project:42', body: 'Span 4 is closed' });
 */
export class ChatClient {
  readonly #socket: Socket;
  readonly #options: Required<ChatClientOptions>;
  readonly #listeners = new EventListeners<ChatClientEvents>();
  readonly #channels = new Map<string, ChannelHistory>();
  readonly #syncing = new Map<string, Promise<void>>();
  readonly #wantsSync = new Set<string>();
  readonly #gapTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Channels that were joined on the present connection. */
  readonly #joined = new Set<string>();
  readonly #outbox = new Outbox((message) => this.#attempt(message));
  readonly #interval: ReturnType<typeof setInterval>;

  constructor(url: string, options: ChatClientOptions) {
    this.#options = {
      answerMilliseconds: 10_000,
      syncMilliseconds: 30_000,
      initialMessages: 1_000,
      reconnectMilliseconds: 5_000,
      ...options,
    };
    const { token, reconnectMilliseconds } = this.#options;
    this.#socket = io(`${url.replace(/\/$/, '')}/chat`, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: Math.min(200, reconnectMilliseconds),
      reconnectionDelayMax: reconnectMilliseconds,
      auth: (answer) => {
        if (typeof token === 'string') answer({ token });
        else
          token().then(
            (fresh) => answer({ token: fresh }),
            () => answer({}),
          );
      },
    });
    this.#listen();
    this.#interval = setInterval(() => this.#syncAll(), this.#options.syncMilliseconds);
  }

  get connected(): boolean {
    return this.#socket.connected;
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
    return this.#channels.get(channel)?.messages ?? [];
  }

  /** Messages written here that the server hasn't acknowledged. */
  pending(channel: string): readonly PendingMessage[] {
    return this.#outbox.pending(channel);
  }

  /**
   * Joins a channel and loads its latest messages; offline, it is joined at the next connection.
   * @throws ChatError `channel.forbidden`
   */
  async join(channel: string): Promise<void> {
    if (!this.#channels.has(channel)) this.#channels.set(channel, new ChannelHistory(channel));
    if (!this.connected) return;
    await this.#sync(channel);
  }

  /** Leaves a channel and forgets its messages. */
  async leave(channel: string): Promise<void> {
    this.#channels.delete(channel);
    this.#joined.delete(channel);
    if (this.connected) await this.#ask('channel:leave', { channel });
  }

  /**
   * Sends a message, offline as soon as there is a connection; resolves once the server has stored it.
   * @throws ChatError when the server refuses it for good
   */
  send({ client_message_id = crypto.randomUUID(), ...draft }: Draft): Promise<Message> {
    const message: PendingMessage = { ...draft, client_message_id };
    const sent = this.#outbox.add(message);
    this.#listeners.emit('message:pending', message);
    return sent;
  }

  /** Replaces the body of one's own message. */
  edit(message_id: string, body: string): Promise<Message> {
    return this.#change('message:edit', { message_id, body });
  }

  /** Deletes a message; a tombstone keeps its place. */
  delete(message_id: string): Promise<Message> {
    return this.#change('message:delete', { message_id });
  }

  /** Pins a message, or takes the pin away. */
  pin(message_id: string, on: boolean): Promise<Message> {
    return this.#change('message:pin', { message_id, on });
  }

  /** Adds or takes back a reaction. */
  async react(message_id: string, emoji: string, on: boolean): Promise<void> {
    await this.#ask('message:react', { message_id, emoji, on });
  }

  /** Moves the read position up to a message. */
  async markRead(channel: string, seq: number): Promise<void> {
    await this.#ask('message:read', { channel, seq });
  }

  /** Tells the others that the user types, or no longer does. */
  async type(channel: string, on: boolean): Promise<void> {
    await this.#ask('typing', { channel, on });
  }

  /** Everybody who is in the channel now. */
  async listPresent(channel: string): Promise<readonly { user_id: string; devices: number }[]> {
    return (await this.#ask<{ users: { user_id: string; devices: number }[] }>('presence:list', { channel }))
      .users;
  }

  /** Disconnects for good; messages that still wait are refused with `client.closed`. */
  close(): void {
    clearInterval(this.#interval);
    for (const timer of this.#gapTimers.values()) clearTimeout(timer);
    this.#socket.disconnect();
    this.#outbox.close(
      new ChatError({ code: 'client.closed', message: 'The client was closed before it was sent' }),
    );
  }

  #listen(): void {
    const socket = this.#socket;
    const hear = <Name extends keyof ServerEvents>(
      name: Name,
      listener: (payload: ServerEvents[Name]) => void,
    ) => socket.on(name as string, listener);
    socket.on('connect', () => {
      this.#joined.clear();
      this.#listeners.emit('connection:changed', { connected: true });
      this.#syncAll();
      this.#outbox.flush();
    });
    socket.on('disconnect', (reason) => {
      this.#listeners.emit('connection:changed', { connected: false });
      // Socket.IO leaves it to us whether a server that ends a connection wants another.
      if (reason === 'io server disconnect') socket.connect();
    });
    for (const name of ['message:created', 'message:updated', 'message:deleted'] as const)
      hear(name, (message) => this.#take(message));
    hear('reaction:changed', (reaction) => {
      const message = this.#channels.get(reaction.channel)?.applyReaction(reaction);
      if (message) this.#listeners.emit('message:updated', message);
    });
    for (const name of ['read:changed', 'typing', 'presence:changed', 'role:changed'] as const)
      hear(name, (payload) => this.#listeners.emit(name, payload as never));
    hear('chat:resync', ({ channels }) => {
      for (const channel of channels) this.#syncInBackground(channel);
    });
    hear('channel:removed', ({ channel }) => {
      this.#channels.delete(channel);
      this.#joined.delete(channel);
      this.#listeners.emit('channel:removed', { channel });
    });
  }

  #take(message: Message): void {
    const history = this.#channels.get(message.channel);
    if (!history) return;
    const arrival = history.apply(message);
    if (arrival === 'changed') this.#listeners.emit('message:updated', message);
    if (arrival === 'gap') this.#syncUnlessFilled(history);
    if (arrival !== 'added') return;
    for (const added of [message, ...history.takeAhead()]) this.#listeners.emit('message:created', added);
  }

  /** What is missing is often only late; it is asked for when it doesn't come by itself. */
  #syncUnlessFilled(history: ChannelHistory): void {
    const { channel } = history;
    if (this.#gapTimers.has(channel)) return;
    const timer = setTimeout(() => {
      this.#gapTimers.delete(channel);
      if (history.hasGap && this.connected) this.#syncInBackground(channel);
    }, gapMilliseconds);
    this.#gapTimers.set(channel, timer);
  }

  #syncAll(): void {
    if (this.connected) for (const channel of this.#channels.keys()) this.#syncInBackground(channel);
  }

  #syncInBackground(channel: string): void {
    if (this.#syncing.has(channel)) return void this.#wantsSync.add(channel);
    this.#sync(channel).catch((error: unknown) => this.#listeners.emit('sync:failed', { channel, error }));
  }

  /** One at a time for each channel; whoever asks meanwhile gets another round, for what came in between. */
  #sync(channel: string): Promise<void> {
    const running = this.#syncing.get(channel);
    if (running) {
      this.#wantsSync.add(channel);
      return running;
    }
    const round = this.#syncRounds(channel).finally(() => this.#syncing.delete(channel));
    this.#syncing.set(channel, round);
    return round;
  }

  async #syncRounds(channel: string): Promise<void> {
    do {
      this.#wantsSync.delete(channel);
      for (let more = true; more;) more = await this.#syncOnce(channel);
    } while (this.#wantsSync.has(channel));
  }

  async #syncOnce(channel: string): Promise<boolean> {
    const history = this.#channels.get(channel);
    if (!history) return false;
    const isNew = history.known().epoch === undefined;
    const isJoined = this.#joined.has(channel) && !isNew;
    const { id } = this.#socket;
    const question = isNew ? { channel } : history.known();
    const answer = await this.#ask<SyncAnswer>(isJoined ? 'channel:sync' : 'channel:join', question);
    if (this.#channels.get(channel) !== history) return false;
    if (this.#socket.id === id) this.#joined.add(channel);
    if (isNew || answer.reset) {
      history.reset(answer, this.#options.initialMessages);
      if (answer.reset) this.#listeners.emit('channel:reloaded', { channel });
      return true;
    }
    const { added, changed } = history.merge(answer);
    for (const message of changed) this.#listeners.emit('message:updated', message);
    for (const message of added) this.#listeners.emit('message:created', message);
    return answer.has_more;
  }

  async #attempt(message: PendingMessage): Promise<Attempt> {
    if (!this.connected) return { retryAfterMilliseconds: undefined };
    try {
      const { message: stored } = await this.#ask<{ message: Message }>('message:send', message);
      this.#take(stored);
      return { message: stored };
    } catch (error) {
      if (!(error instanceof ChatError)) return { retryAfterMilliseconds: this.connected ? 0 : undefined };
      if (error.retryAfterMilliseconds !== undefined)
        return { retryAfterMilliseconds: error.retryAfterMilliseconds };
      // The server couldn't say what went wrong; the same id makes another try safe.
      if (error.code === 'internal') return { retryAfterMilliseconds: 1_000 };
      this.#listeners.emit('message:refused', { message, error });
      return { refused: error };
    }
  }

  async #change(event: string, payload: object): Promise<Message> {
    const { message } = await this.#ask<{ message: Message }>(event, payload);
    this.#take(message);
    return message;
  }

  async #ask<Result>(event: string, payload: object): Promise<Result> {
    const { answerMilliseconds } = this.#options;
    const answer = (await this.#socket
      .timeout(answerMilliseconds)
      .emitWithAck(event, payload)) as Answer<Result>;
    if (!answer.ok) throw new ChatError(answer.error);
    return answer;
  }
}
