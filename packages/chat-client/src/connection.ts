import type {
  Answer,
  ChatNoticeName,
  ChatRequest,
  ChatRequestName,
  ChatResult,
  ClientToServerEvents,
  Refusal,
  ServerToClientEvents,
} from '@infratraq/chat-wire';
import { io, type Socket } from 'socket.io-client';
import type { ChatClientOptions } from './chat-client-options.js';
import { ChatError } from './chat-error.js';
import { Retries } from './retries.js';

type ConnectionOptions = Pick<
  Required<ChatClientOptions>,
  'token' | 'answerMilliseconds' | 'reconnectMilliseconds'
>;

/** Socket.IO's own type does not accept an event name that is a type parameter. */
interface Asking {
  emitWithAck<Name extends ChatRequestName>(
    name: Name,
    payload: ChatRequest<Name>,
  ): Promise<Answer<ChatResult<Name>>>;
}

const firstReconnectMilliseconds = 200;

/** A connection to `/chat` that reconnects until it is closed. */
export class Connection {
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly #options: ConnectionOptions;
  readonly #retries: Retries;

  constructor(url: string, options: ConnectionOptions, onRefused: (error: ChatError) => void) {
    this.#options = options;
    const { token, reconnectMilliseconds } = options;
    this.#retries = new Retries(reconnectMilliseconds);
    this.#socket = io(`${url.replace(/\/$/, '')}/chat`, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: Math.min(firstReconnectMilliseconds, reconnectMilliseconds),
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
    // Socket.IO reconnects after a broken connection, but not after one that the server ended.
    this.#socket.on('connect', () => this.#retries.succeed('connect'));
    this.#socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') this.#connectLater();
    });
    this.#socket.on('connect_error', (error: Error & { data?: Refusal }) => {
      if (this.#socket.active) return;
      const { code, message } = error.data ?? { code: 'client.refused', message: error.message };
      onRefused(new ChatError({ code, message }));
      // A fixed token would be refused again; a function may answer another one.
      if (code !== 'unauthenticated' || typeof token !== 'string') this.#connectLater();
    });
  }

  get isOpen(): boolean {
    return this.#socket.connected;
  }

  /** Differs from one connection to the next. */
  get id(): string | undefined {
    return this.#socket.id;
  }

  onOpened(listener: () => void): void {
    this.#socket.on('connect', listener);
  }

  onLost(listener: () => void): void {
    this.#socket.on('disconnect', listener);
  }

  hear<Name extends ChatNoticeName>(name: Name, listener: ServerToClientEvents[Name]): void {
    this.#socket.on<ChatNoticeName>(name, listener);
  }

  /**
   * Emits an event and returns its answer.
   * @throws ChatError with the server's reason, or `client.unanswered` when no answer comes in time
   */
  async ask<Name extends ChatRequestName>(
    name: Name,
    payload: ChatRequest<Name>,
    patienceMilliseconds = this.#options.answerMilliseconds,
  ): Promise<ChatResult<Name>> {
    const asking = this.#socket.timeout(patienceMilliseconds) as unknown as Asking;
    const answer = await asking.emitWithAck(name, payload).catch(unanswered);
    if (!answer.ok) throw new ChatError(answer.error);
    return answer;
  }

  close(): void {
    this.#retries.close();
    this.#socket.disconnect();
  }

  #connectLater(): void {
    this.#retries.tryLater('connect', () => this.#socket.connect());
  }
}

function unanswered(): { ok: false; error: Refusal } {
  const message = 'No answer came in time; the server may or may not have handled the event';
  return { ok: false, error: { code: 'client.unanswered', message } };
}
