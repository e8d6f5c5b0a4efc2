import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDovecot, startMailpit, type Dovecot, type Mailpit } from '@infratraq/engines';
import { ImapFlow } from 'imapflow';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { eventually, openTestServer, type TestServer } from '../testing/open-test-server.js';

const INBOUND_MAIL_ADDRESS = 'inbox@infratraq.example';
const INBOUND_MAIL_SECRET = 'a shared secret of thirty-two characters';

interface Emails {
  items: { email_id: string; subject: string; matched_by: string; thread_id: string }[];
}

describe('mail in the server', () => {
  let [folder, dovecot, mailpit, server]: [string, Dovecot, Mailpit, TestServer] = [] as never;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dovecot-'));
    [dovecot, mailpit] = await Promise.all([startDovecot({ folder }), startMailpit()]);
    server = await openTestServer({ IMAP_URL: dovecot.url, INBOUND_MAIL_ADDRESS, INBOUND_MAIL_SECRET });
  }, 180_000);
  afterAll(async () => {
    await server.close();
    await Promise.all([dovecot.stop(), mailpit.stop()]);
    await rm(folder, { recursive: true });
  });

  it('is read from the mailbox as it comes, and shown to its entity', async () => {
    const { port, user, password: pass } = dovecot;
    const client = new ImapFlow({
      ...{ host: '127.0.0.1', port, secure: false, auth: { user, pass }, logger: false },
    });
    await client.connect();
    const lines = ['From: a@b.example', 'To: inbox+projects.42@infratraq.example', 'Subject: Span 4'];
    await client.append('INBOX', [...lines, 'Message-ID: <1@b.example>', '', 'cracked'].join('\r\n'));
    await client.logout();
    const member = await server.as('u-engineer-1', 'member');
    const { body } = await eventually(
      () => member<Emails>('GET', '/entities/projects/42/emails'),
      (answer) => answer.body.items.length > 0,
    );
    expect(body.items).toMatchObject([{ subject: 'Span 4', matched_by: 'plus_address' }]);
    expect((await member('GET', `/emails/${body.items[0]?.email_id}`)).body).toMatchObject({
      text_body: 'cracked',
    });
  });

  it('is handed over by whoever gets it by SMTP, and joins the conversation that it answers', async () => {
    const transport = createTransport(mailpit.smtpUrl);
    await transport.sendMail({
      ...{ from: 'c@d.example', to: INBOUND_MAIL_ADDRESS, subject: 'Re: Span 4', text: 'How wide?' },
      ...{ inReplyTo: '<1@b.example>', attachments: [{ filename: 'größe.txt', content: '3 mm' }] },
    });
    transport.close();
    const arrived = await fetch(`${mailpit.url}/api/v1/messages`);
    const { messages } = (await arrived.json()) as { messages: { ID: string }[] };
    const raw = await fetch(`${mailpit.url}/api/v1/message/${messages[0]?.ID}/raw`);
    const handOver = await server.call<{ email_id: string }>('/api/v1/hooks/mail/inbound', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', 'x-mail-token': INBOUND_MAIL_SECRET },
      body: await raw.arrayBuffer(),
    });
    expect(handOver.status).toBe(201);
    const member = await server.as('u-engineer-1', 'member');
    const { body } = await member<Emails>('GET', `/emails/${handOver.body.email_id}/conversation`);
    expect(body.items).toMatchObject([
      { subject: 'Span 4', thread_id: '1@b.example' },
      { subject: 'Re: Span 4', thread_id: '1@b.example', attachments: [{ file_name: 'größe.txt' }] },
    ]);
  });
});
