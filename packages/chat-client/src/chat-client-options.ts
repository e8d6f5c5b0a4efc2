import type { Channel, ChatNotices } from '@infratraq/chat-wire';
import type { ChatError } from './chat-error.js';
import type { OutboxStorage } from './outbox-storage.js';
import type { PendingMessage } from './pending-message.js';

/** How a client connects and how much it keeps. */
export interface ChatClientOptions {
  /** A bearer token, or a function that answers a fresh one before each connection. */
  readonly token: string | (() => Promise<string>);
  /** Address of the HTTP API, for channels. @default `/api/v1` of the server */
  readonly apiUrl?: string;
  /** Whom the token belongs to. @default the `sub` of a JSON Web Token */
  readonly userId?: string;
  /** Milliseconds after which an unanswered event counts as lost. @default 10_000 */
  readonly answerMilliseconds?: number;
  /** Milliseconds between two syncs of a channel that nothing else causes. @default 30_000 */
  readonly syncMilliseconds?: number;
  /** Messages of a channel that are loaded at first, and after its history was cut. @default 1_000 */
  readonly initialMessages?: number;
  /** Longest wait between two attempts to connect, send or sync, in milliseconds. @default 5_000 */
  readonly reconnectMilliseconds?: number;
  /**
   * Stores messages until the server has acknowledged them, over reloads and crashes. Messages that an earlier client
   * left there are `pending` at once, and sent once. Without it they are held in memory only.
   */
  readonly outboxStorage?: OutboxStorage;
}

/** Events of a client. */
export interface ChatClientEvents extends Omit<
  ChatNotices,
  'message:deleted' | 'reaction:changed' | 'chat:resync'
> {
  /** A message was written here and is not acknowledged yet. */
  'message:pending': PendingMessage;
  /** The server refused a message for good. */
  'message:refused': { readonly message: PendingMessage; readonly error: Error };
  /** The copy of a channel was replaced: show its `messages` again. */
  'channel:reloaded': { readonly channel: string };
  /** Channels that are followed were made, changed, read or left, or have a new message. */
  'channels:changed': { readonly channels: readonly Channel[] };
  /** The storage of unsent messages failed: they are sent, but may not survive a reload. */
  'outbox:failed': { readonly error: ChatError };
  /** Users may have come and gone unnoticed: ask for `presence` again. */
  'presence:outdated': { readonly channel: string };
  'connection:changed': { readonly connected: boolean };
  /** The server refused the connection. It is tried again, unless the token is a fixed one and invalid. */
  'connection:refused': { readonly error: ChatError };
  /** A channel, or without one the list of channels, could not be synced; it is tried again after growing waits. */
  'sync:failed': { readonly channel?: string; readonly error: unknown };
}
