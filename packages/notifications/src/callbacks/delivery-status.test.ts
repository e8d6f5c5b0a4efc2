import { describe, expect, it } from '@jest/globals';
import { readDeliveryStatus } from './delivery-status.js';
import { composeDeliveryStatus } from '../testing/compose-delivery-status.js';

const now = new Date('2026-11-24T10:00:00Z');

describe('a message about a mail', () => {
  it('names the mail, the state, the reason and whether the address is gone', async () => {
    expect(
      await readDeliveryStatus(composeDeliveryStatus({ messageId: '<d-1@infra.example>' }), now),
    ).toEqual([
      {
        provider: 'smtp',
        provider_message_id: '<d-1@infra.example>',
        state: 'bounced',
        at: new Date('2026-11-24T09:30:00Z'),
        provider_event_id: '<dsn-1@mx.example.org>/0',
        error_code: '5.1.1',
        reason: 'smtp; 550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown',
        address_gone: true,
      },
    ]);
  });

  it('knows the headers alone as well as the whole mail, and several recipients', async () => {
    const told = await readDeliveryStatus(
      composeDeliveryStatus({
        messageId: '<d-2@infra.example>',
        original: 'text/rfc822-headers',
        recipients: [
          { action: 'delivered', status: '2.0.0' },
          { action: 'failed', status: '5.2.2' },
          { action: 'delayed', status: '4.4.1' },
        ],
      }),
      now,
    );
    expect(told.map(({ state, error_code, address_gone }) => [state, error_code, address_gone])).toEqual([
      ['delivered', '2.0.0', undefined],
      ['bounced', '5.2.2', undefined],
    ]);
    expect(new Set(told.map(({ provider_event_id }) => provider_event_id)).size).toBe(2);
  });

  it('is known also where the mail is to be shown inline', async () => {
    const raw = composeDeliveryStatus({ messageId: '<d-3@infra.example>' });
    const type = 'Content-Type: message/rfc822\r\n';
    const inline = raw.replace(type, `${type}Content-Disposition: inline;\r\n filename="mail.eml"\r\n`);
    expect(await readDeliveryStatus(inline, now)).toEqual(await readDeliveryStatus(raw, now));
    expect(await readDeliveryStatus(Buffer.from(inline), now)).toHaveLength(1);
  });

  it('is none where nobody speaks of a mail of ours', async () => {
    expect(await readDeliveryStatus('Subject: Out of office\r\n\r\nBack on Monday', now)).toEqual([]);
    expect(await readDeliveryStatus('', now)).toEqual([]);
  });
});
