import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMailpit, type Mailpit } from '@infratraq/engines';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { generateKeyPairSync } from 'node:crypto';
import { composeMessage } from '../testing/describe-sender.js';
import { messageIdOf, openSmtpSender } from './smtp.js';

const from = 'InfraTraq <notices@infra.example>';
const address = { channel: 'email', email: 'ada@example.org', name: 'Ada Žižek' } as const;

describe('an email in mailpit', () => {
  let mailpit: Mailpit;
  beforeAll(async () => {
    mailpit = await startMailpit();
  }, 600_000);
  afterAll(() => mailpit.stop());

  async function readLast(): Promise<string> {
    const { messages } = (await (await fetch(`${mailpit.url}/api/v1/messages?limit=1`)).json()) as {
      messages: [{ ID: string }];
    };
    return (await fetch(`${mailpit.url}/api/v1/message/${messages[0].ID}/raw`)).text();
  }

  it('is signed so that others can verify it, list headers included, and has both parts', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sender = await openSmtpSender({
      url: mailpit.smtpUrl,
      from,
      dkim: {
        domain: 'infra.example',
        selector: 'notices',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      },
    });
    const unsubscribe_url = 'https://infra.example/api/v1/hooks/unsubscribe/a-token';
    const message = composeMessage(address, {
      html: '<p>Die Prüfung der Brücke ist am <b>Montag</b>.</p>',
      unsubscribe_url,
      urgency: 'high',
    });
    expect(await sender.send(message)).toMatchObject({
      outcome: 'accepted',
      provider_message_id: messageIdOf(message.delivery_id, from),
    });
    await sender.close();

    const raw = await readLast();
    const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const resolver = async (name: string, type: string) => {
      expect([name, type]).toEqual(['notices._domainkey.infra.example', 'TXT']);
      return [[`v=DKIM1; k=rsa; p=${key}`]];
    };
    const { results } = await dkimVerify(raw, { resolver });
    expect(results).toMatchObject([{ signingDomain: 'infra.example', status: { result: 'pass' } }]);
    const signed = results[0]?.signingHeaders?.keys.toLowerCase();
    for (const header of ['from', 'subject', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post'])
      expect(signed?.split(/[:\s]+/)).toContain(header);

    const mail = await simpleParser(raw);
    expect(mail).toMatchObject({
      subject: message.title,
      from: { text: '"InfraTraq" <notices@infra.example>' },
      to: { value: [{ address: address.email, name: address.name }] },
      text: expect.stringContaining(message.body),
      html: expect.stringContaining('<b>Montag</b>'),
      messageId: messageIdOf(message.delivery_id, from),
    });
    expect(raw).toMatch(
      /^List-Unsubscribe: <https:\/\/infra\.example\/api\/v1\/hooks\/unsubscribe\/a-token>\r?$/m,
    );
    expect(raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m);
    expect(raw).toMatch(/^Importance: High\r?$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);

    const forged = raw.replace('one-click', 'no-click').replace(/^Subject:/m, 'Subject: Sale!');
    expect((await dkimVerify(forged, { resolver })).results[0]!.status.result).toBe('fail');
  });

  it('carries no list headers where there is nothing to unsubscribe from', async () => {
    const sender = await openSmtpSender({ url: mailpit.smtpUrl, from });
    await sender.send(composeMessage(address));
    await sender.close();
    expect(await readLast()).not.toMatch(/^(List-|DKIM-)/im);
  });

  it('is refused by the reply code that the server gives', async () => {
    const sender = await openSmtpSender({ url: mailpit.smtpUrl, from });
    const chaos = (ErrorCode: number, Probability: number) =>
      fetch(`${mailpit.url}/api/v1/chaos`, {
        method: 'PUT',
        body: JSON.stringify({ Recipient: { ErrorCode, Probability } }),
      });
    for (const [code, outcome] of [
      [451, 'throttled'],
      [550, 'rejected'],
    ] as const) {
      await chaos(code, 100);
      expect(await sender.send(composeMessage(address))).toMatchObject({
        outcome,
        error_code: expect.stringMatching(`^${code}`),
      });
    }
    await chaos(451, 0);
    expect(await sender.send(composeMessage(address))).toMatchObject({ outcome: 'accepted' });
    await sender.close();
  });
});
