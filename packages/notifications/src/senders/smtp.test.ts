import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeMessage, describeSender } from '../testing/describe-sender.js';
import { startSmtp, type SmtpStandIn } from '../testing/providers/smtp.js';
import { deliveryOfMessageId, messageIdOf, openSmtpSender, readServer } from './smtp.js';
import { simpleParser } from 'mailparser';

const address = { channel: 'email', email: 'ada@example.org', name: 'Ada' } as const;
const from = 'InfraTraq <notices@infra.example>';

describeSender('SMTP', async () => {
  const smtp = await startSmtp();
  const replies = {
    rejected: { code: 554, text: '5.7.1 Message refused by policy' },
    address_gone: { code: 550, text: '5.1.1 No such user here' },
    throttled: { code: 450, text: '4.7.1 Slow down' },
    unreachable: { code: 421, text: '4.3.2 Going down' },
  };
  return {
    sender: await openSmtpSender({ url: smtp.url, from }),
    address,
    trouble: (kind) => void (smtp.refusal = kind && replies[kind]),
    troubles: ['rejected', 'address_gone', 'throttled', 'unreachable'],
    tellsRetryAfter: false,
    arrived: () => smtp.mails.map(({ raw }) => readText(raw)),
    secrets: [smtp.password],
    connections: smtp.connections,
    close: smtp.close,
  };
});

/** The text part, decoded from quoted-printable. */
function readText(raw: string): string {
  const [, text = ''] = raw.split('\r\n\r\n');
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

describe('an email', () => {
  let smtp: SmtpStandIn;
  beforeAll(async () => {
    smtp = await startSmtp();
  });
  afterAll(() => smtp.close());
  const send = async (more: object = {}, refusal?: SmtpStandIn['refusal'], url = smtp.url) => {
    const sender = await openSmtpSender({ url, from, timeoutMilliseconds: 5_000 });
    smtp.refusal = refusal;
    const outcome = await sender.send(composeMessage(address, more));
    smtp.refusal = undefined;
    await sender.close();
    return outcome;
  };

  it('keeps its Message-ID over every try, and the delivery can be read from it', async () => {
    const [delivery_id] = ['66f0/1:a'];
    const tries = [await send({ delivery_id }), await send({ delivery_id, attempt: 2 })];
    const ids = tries.map((outcome) => 'provider_message_id' in outcome && outcome.provider_message_id);
    expect(new Set(ids)).toEqual(new Set([messageIdOf(delivery_id, from)]));
    expect(deliveryOfMessageId(messageIdOf(delivery_id, from))).toBe(delivery_id);
    const { messageId } = await simpleParser(smtp.mails.at(-1)?.raw as string);
    expect(messageId).toBe(ids[0]);
  });

  it('goes out with the return path that its Message-ID has', async () => {
    const returnPathOf = (id: string) => (id.includes('d-1') ? 'inbox+r=x@infra.example' : undefined);
    const sender = await openSmtpSender({ url: smtp.url, from, returnPathOf });
    for (const delivery_id of ['d-1', 'd-2']) await sender.send(composeMessage(address, { delivery_id }));
    await sender.close();
    expect(smtp.mails.slice(-2).map((mail) => mail.from)).toEqual([
      'inbox+r=x@infra.example',
      'notices@infra.example',
    ]);
  });

  it.each([
    ['550 5.1.1', { code: 550, text: '5.1.1 No such user' }, { outcome: 'rejected', address_gone: true }],
    ['550 with no status', { code: 550, text: 'We do not like you' }, { outcome: 'rejected' }],
    ['552 5.2.2', { code: 552, text: '5.2.2 Mailbox full' }, { outcome: 'rejected' }],
    ['451 4.7.0', { code: 451, text: '4.7.0 Try later' }, { outcome: 'throttled' }],
    ['421 4.7.0', { code: 421, text: '4.7.0 Too many connections' }, { outcome: 'throttled' }],
    ['421 4.3.2', { code: 421, text: '4.3.2 Shutting down' }, { outcome: 'unreachable' }],
  ])('is %s: classified by the reply', async (error_code, refusal, expected) => {
    const outcome = await send({}, refusal);
    expect(outcome).toMatchObject({ ...expected, error_code: error_code.replace(' with no status', '') });
    if (!('address_gone' in expected)) expect(outcome).not.toHaveProperty('address_gone');
  });

  it('waits for an operator when the password is refused, and for the server when it is away', async () => {
    const wrong = new URL(smtp.url);
    wrong.password = 'not-the-password';
    const refused = await send({}, undefined, wrong.href);
    expect(refused).toMatchObject({ outcome: 'unreachable', error_code: '535 5.7.8' });
    expect(JSON.stringify(refused)).not.toContain('not-the-password');
    await smtp.goAway();
    expect(await send()).toMatchObject({ outcome: 'unreachable', error_code: 'ESOCKET' });
    await smtp.comeBack();
    expect(await send()).toMatchObject({ outcome: 'accepted' });
  });

  it('is not sent, nor the password, where the server does not upgrade to TLS and must', async () => {
    for (const url of [smtp.url, `${smtp.url}?requireTLS=false&ignoreTLS=true`]) {
      const before = { mails: smtp.mails.length, logins: smtp.logins() };
      const sender = await openSmtpSender({ url, from, requireTls: true });
      expect(await sender.send(composeMessage(address))).toMatchObject({
        outcome: 'unreachable',
        error_code: 'ETLS',
        error_message: expect.stringMatching(/does not upgrade to TLS.*smtps:\/\//),
      });
      await sender.close();
      expect({ mails: smtp.mails.length, logins: smtp.logins() }).toEqual(before);
    }
  });

  it.each([
    ['smtp://mail.example.org:587', undefined, true],
    ['smtp://user:word@10.0.0.5?ignoreTLS=true', undefined, true],
    ['smtp://localhost.example.org', undefined, true],
    ['smtp://127.0.0.1:25', undefined, false],
    ['smtp://localhost', undefined, false],
    ['smtp://[::1]:25', undefined, false],
    ['smtp://relay.example.org', false, false],
    ['smtp://localhost', true, true],
  ])('to %s with requireTls %s: whether TLS is required is %s', (url, requireTls, expected) => {
    expect(readServer({ url, requireTls }).requireTls).toBe(expected);
  });
});
