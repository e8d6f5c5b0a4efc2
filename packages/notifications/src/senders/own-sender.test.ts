import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSender } from './create-sender.js';
import { refuseConnection } from './refuse.js';
import { openPagerSender } from '../testing/pager-sender.js';
import { composeMessage, describeSender, type Trouble } from '../testing/describe-sender.js';
import { startProviderServer, type ProviderAnswer } from '../testing/providers/provider-server.js';

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
  const slow = await openPagerSender({ url, key: 'k', timeoutMilliseconds: 50 }).send(
    composeMessage(address),
  );
  expect(slow).toMatchObject({ outcome: 'unreachable', error_code: 'TimeoutError' });
  await server.close();
  // At an address of its own: no connection of the first try can be left.
  const gone = await startProviderServer(() => ({ status: 200 }));
  await gone.close();
  const away = await openPagerSender({ url: `http://127.0.0.1:${gone.port}`, key: 'k' }).send(
    composeMessage(address),
  );
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

it('is what the guide shows', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
  const guide = await read('../../../../docs/guides/senders.md');
  const source = await read('../testing/pager-sender.ts');
  const shown = source.replace('../index.js', '@infratraq/notifications');
  expect(guide).toContain(`\`\`\`ts fragment\n${shown}\`\`\``);
});
