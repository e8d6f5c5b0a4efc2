import type { ChatNotices } from '@infratraq/chat-wire';
import type { ChatError } from './chat-error.js';
import type { OutboxStorage } from './outbox-storage.js';
import type { PendingMessage } from './pending-message.js';

/** How a client connects and how much it keeps. */
export interface ChatClientOptions {
  /** A bearer token, or what answers a fresh one before each connection. */
  readonly token: string | (() => Promise<string>);
  /** Milliseconds to wait for an answer before an event counts as lost; 10,000 when absent. */
  readonly answerMilliseconds?: number;
  /** Every so many milliseconds a channel is synced although nothing asks for it; 30,000 when absent. */
  readonly syncMilliseconds?: number;
  /** Messages of a channel that are loaded at first and after its history was cut; 1,000 when absent. */
  readonly initialMessages?: number;
  /** Longest wait between two tries, to connect as to send or to sync, in milliseconds; 5,000 when absent. */
  readonly reconnectMilliseconds?: number;
  /**
   * Keeps messages until the server has acknowledged them, over reloads and crashes: what a client before left there is
   * `pending` at once, and sent once. Without it they are kept in memory only.
   */
  readonly outboxStorage?: OutboxStorage;
}

/** What a client tells its listeners. */
export interface ChatClientEvents extends Omit<
  ChatNotices,
  'message:deleted' | 'reaction:changed' | 'chat:resync'
> {
  /** A message was written here and isn't acknowledged yet: show it as on its way. */
  'message:pending': PendingMessage;
  /** The server refused a message for good. */
  'message:refused': { readonly message: PendingMessage; readonly error: Error };
  /** What was shown of a channel is no longer true: show `messages` of it anew. */
  'channel:reloaded': { readonly channel: string };
  /** The storage of unsent messages failed: they are sent all the same, but may not outlive a reload. */
  'outbox:failed': { readonly error: ChatError };
  'connection:changed': { readonly connected: boolean };
  /** The server refused the connection, with what is wrong; it is tried again unless the token is fixed and not valid. */
  'connection:refused': { readonly error: ChatError };
  /** A channel could not be synced; it is tried again, after longer and longer waits. */
  'sync:failed': { readonly channel: string; readonly error: unknown };
}
