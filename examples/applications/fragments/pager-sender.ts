import { createSender, readRetryAfter, refuse, refuseConnection } from '@infratraq/notifications';

/** A sender for pagers. */
export function openPagerSender({ url, key, timeoutMilliseconds = 10_000 }: PagerOptions) {
  return createSender({
    provider: 'pager',
    channel: 'sms',
    async deliver(message, { phone }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': message.delivery_id },
        body: JSON.stringify({ to: phone, text: message.body }),
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      const text = await response.text();
      if (response.ok) return { outcome: 'accepted', provider_message_id: JSON.parse(text).id };
      const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'), Date.now());
      const refusal = { code: response.status, message: text, retryAfterSeconds };
      if (response.status === 429) return refuse('throttled', refusal);
      return refuse(response.status >= 500 ? 'unreachable' : 'rejected', refusal);
    },
    // fetch keeps the fault of the network as the cause of its own error.
    explain: (error) => refuseConnection((error as Error).cause ?? error),
  });
}

interface PagerOptions {
  readonly url: string;
  readonly key: string;
  readonly timeoutMilliseconds?: number;
}
