import type { SendRequest } from '@infratraq/chat-wire';

/** A message that a user has written. */
export interface Draft extends Omit<SendRequest, 'client_message_id'> {
  /** Generated when absent; the same in every attempt, so that the server stores the message once. */
  readonly client_message_id?: string | undefined;
}

/** A message that the server has not acknowledged yet. */
export type PendingMessage = SendRequest;
