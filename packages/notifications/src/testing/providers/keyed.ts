import { startProviderServer, type ProviderServer } from './provider-server.js';
import { createSender } from '../../senders/create-sender.js';
import { readRetryAfter, refuse, refuseConnection } from '../../senders/refuse.js';
import type { Sender } from '../../senders/sender.js';

/** A provider that takes an idempotency key: a request that comes again under its key delivers nothing more. */
export interface KeyedProvider extends ProviderServer {
  readonly url: string;
  /** How often each recipient was asked for, by key. */
  readonly requests: ReadonlyMap<string, { readonly to: string; readonly times: number }>;
}

/** Starts such a provider. */
export async function startKeyedProvider(): Promise<KeyedProvider> {
  const requests = new Map<string, { to: string; times: number }>();
  const server = await startProviderServer(({ headers, body }) => {
    const key = String(headers['idempotency-key']);
    const { to } = JSON.parse(body.toString()) as { to: string };
    requests.set(key, { to, times: (requests.get(key)?.times ?? 0) + 1 });
    return { status: 200, body: { id: `k-${key}` } };
  });
  return { ...server, url: `http://127.0.0.1:${server.port}`, requests };
}

/** Hands emails to such a provider. */
export function openKeyedSender(url: string, { timeoutMilliseconds = 5_000 } = {}): Sender {
  return createSender({
    provider: 'keyed',
    channel: 'email',
    async deliver(message, { email }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'idempotency-key': message.delivery_id },
        body: JSON.stringify({ to: email, subject: message.title, text: message.body }),
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
