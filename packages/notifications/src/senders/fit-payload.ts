import type { OutgoingMessage } from './sender.js';

/** What an application on a device gets of a notification. */
export interface PushPayload {
  readonly notification_id: string;
  readonly delivery_id: string;
  readonly type: string;
  readonly locale: string;
  readonly title: string;
  readonly body: string;
  readonly url?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Fits a message into the bytes that a push service takes: `data` is dropped first, because the application can fetch
 * it, then the end of the text.
 */
export function fitPayload(message: OutgoingMessage, maximumBytes: number): PushPayload {
  const { notification_id, delivery_id, type, locale, title, body, url, data } = message;
  const whole = {
    notification_id,
    delivery_id,
    type,
    locale,
    title,
    body,
    ...(url !== undefined && { url }),
  };
  const withData = data === undefined ? whole : { ...whole, data };
  if (sizeOf(withData) <= maximumBytes) return withData;
  let shortest = 0;
  let longest = body.length;
  while (shortest < longest) {
    const middle = Math.ceil((shortest + longest) / 2);
    if (sizeOf({ ...whole, body: cut(body, middle) }) <= maximumBytes) shortest = middle;
    else longest = middle - 1;
  }
  return { ...whole, body: cut(body, shortest) };
}

function sizeOf(payload: PushPayload): number {
  return Buffer.byteLength(JSON.stringify(payload));
}

// Half a character takes more bytes, escaped, than the whole one: so the longest that fits never ends in a half.
function cut(text: string, length: number): string {
  return length < text.length ? `${text.slice(0, length)}…` : text;
}
