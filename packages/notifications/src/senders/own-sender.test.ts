import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createSender, readRetryAfter, refuse, refuseConnection } from '../index.js';
import { composeMessage, describeSender, type Trouble } from '../testing/describe-sender.js';
import { startProviderServer, type ProviderAnswer } from '../testing/providers/provider-server.js';

// As the guide shows it.
function openPagerSender({ url, key, timeout = 10_000 }: { url: string; key: string; timeout?: number }) {
  return createSender({
    provider: 'pager',
    channel: 'sms',
    async deliver(message, { phone }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': message.delivery_id },
        body: JSON.stringify({ to: phone, text: message.body }),
        signal: AbortSignal.timeout(timeout),
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

const address = { channel: 'sms', phone: '+436601234567' } as const;

describeSender('own', async () => {
  const arrived: string[] = [];
  let trouble: Trouble | undefined;
  const answers: Partial<Record<Trouble, ProviderAnswer>> = {
    rejected: { status: 400, body: 'no such pager, token=abc-the-key' },
    throttled: { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' },
    unreachable: { status: 502, body: 'bad gateway' },
  };
  const server = await startProviderServer(({ body }) => {
    const refusal = trouble && answers[trouble];
    if (refusal) return refusal;
    arrived.push((JSON.parse(body.toString()) as { text: string }).text);
    return { status: 200, body: { id: randomUUID() } };
  });
  return {
    sender: openPagerSender({ url: `http://127.0.0.1:${server.port}`, key: 'abc-the-key' }),
    address,
    trouble: (kind) => void (trouble = kind),
    troubles: ['rejected', 'throttled', 'unreachable'],
    tellsRetryAfter: true,
    arrived: () => arrived,
    secrets: ['abc-the-key'],
    // fetch's connections are the process', not the sender's.
    connections: () => 0,
    close: server.close,
  };
});

it('waits for a provider that is away, or that does not answer', async () => {
  const server = await startProviderServer(() => new Promise<never>(() => undefined));
  const url = `http://127.0.0.1:${server.port}`;
  const slow = await openPagerSender({ url, key: 'k', timeout: 50 }).send(composeMessage(address));
  expect(slow).toMatchObject({ outcome: 'unreachable', error_code: 'TimeoutError' });
  await server.close();
  const away = await openPagerSender({ url, key: 'k' }).send(composeMessage(address));
  expect(away).toMatchObject({ outcome: 'unreachable', error_code: 'ECONNREFUSED' });
});

it('does not take a mistake of its own for a fault of the provider', async () => {
  const sender = createSender({
    provider: 'broken',
    channel: 'sms',
    deliver: async () => {
      throw new TypeError('a mistake');
    },
    explain: refuseConnection,
  });
  await expect(sender.send(composeMessage(address))).rejects.toThrow('a mistake');
  await sender.close();
});
