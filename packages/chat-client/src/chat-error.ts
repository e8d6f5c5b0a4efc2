import type { Refusal } from '@infratraq/chat-wire';

/** The server refused an event, or could not be reached; `code` is stable, `message` says what to do. */
export class ChatError extends Error {
  readonly code: string;
  /** Milliseconds after which the same event may succeed. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor({ code, message, retry_after_ms }: Refusal, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChatError';
    this.code = code;
    this.retryAfterMilliseconds = retry_after_ms;
  }
}

const transientCodes = new Set(['client.unanswered', 'internal', 'sync.superseded']);

/** Whether the same event may succeed when it is sent again. */
export function isTransient(error: unknown): error is ChatError {
  return (
    error instanceof ChatError &&
    (error.retryAfterMilliseconds !== undefined || transientCodes.has(error.code))
  );
}
