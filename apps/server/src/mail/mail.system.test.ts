import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dovecot, eventually, type Mailpit, startDovecot, startMailpit } from '@infratraq/engines';
import { ImapFlow } from 'imapflow';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

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
    server = await openTestServer({
      IMAP_URL: dovecot.url,
      INBOUND_MAIL_ADDRESS,
      INBOUND_MAIL_SECRET,
      SMTP_URL: mailpit.smtpUrl,
      SMTP_FROM: 'InfraTraq <notices@infratraq.example>',
    });
  }, 180_000);
  afterAll(async () => {
    await server.close();
    await Promise.all([dovecot.stop(), mailpit.stop()]);
    await rm(folder, { recursive: true });
  });

  it('is read from the mailbox as it comes, and shown to its entity', async () => {
    const { port, user, password: pass } = dovecot;
    const client = new ImapFlow({
      host: '127.0.0.1',
      port,
      secure: false,
      auth: { user, pass },
      logger: false,
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

  it('that breaks a limit is kept unread and told, and the mailbox is read on', async () => {
    const { port, user, password: pass } = dovecot;
    const client = new ImapFlow({
      host: '127.0.0.1',
      port,
      secure: false,
      auth: { user, pass },
      logger: false,
    });
    await client.connect();
    const flowed = ['MIME-Version: 1.0', 'Content-Type: text/plain; format=flowed; delsp=yes'];
    const lines = [
      'From: a@b.example',
      'To: inbox+projects.43@infratraq.example',
      'Subject: Bomb',
      ...flowed,
    ];
    const bomb = [...lines, 'Message-ID: <bomb@b.example>', '', '> a \r\n'.repeat(3_000_000)].join('\r\n');
    await client.append('INBOX', bomb);
    const next = ['From: a@b.example', 'To: inbox+projects.43@infratraq.example', 'Subject: Next'];
    await client.append('INBOX', [...next, 'Message-ID: <next@b.example>', '', 'x'].join('\r\n'));
    await client.logout();
    const operator = await server.as('u-operator-2', 'operator', 'member');
    const { body } = await eventually(
      () => operator<Emails>('GET', '/entities/projects/43/emails'),
      (answer) => answer.body.items.length === 2,
      { withinMilliseconds: 60_000 },
    );
    expect(body.items).toMatchObject([{ subject: 'Next' }, { subject: 'Bomb', malformed: true }]);
    const { body: letters } = await operator<{ items: object[] }>('GET', '/dead-letters?origin=mail');
    const code = expect.stringMatching(/^confined\.(deadline|memory)$/);
    expect(letters.items).toMatchObject([
      { reason: { code }, payload: { email_id: body.items[1]?.email_id }, attempts: 1 },
    ]);
    const { rows } = await server.postgres.pool.query('select last_uid from infratraq.mailbox_position');
    expect(rows).toMatchObject([{ last_uid: expect.anything() }]);
  });

  it('is handed over by whoever gets it by SMTP, and joins the conversation that it answers', async () => {
    const transport = createTransport(mailpit.smtpUrl);
    await transport.sendMail({
      from: 'c@d.example',
      to: INBOUND_MAIL_ADDRESS,
      subject: 'Re: Span 4',
      text: 'How wide?',
      inReplyTo: '<1@b.example>',
      attachments: [{ filename: 'größe.txt', content: '3 mm' }],
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

  const handOver = (lines: readonly string[]) =>
    server.call<{ email_id: string }>('/api/v1/hooks/mail/inbound', {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', 'x-mail-token': INBOUND_MAIL_SECRET },
      body: lines.join('\r\n'),
    });

  it('that a comment gave rise to is recorded, answered to its entity, and known when it is called spam or bounces', async () => {
    await server.postgres.pool.query(
      `insert into infratraq.users (user_id, display_name, email)
       values ('u-manager-1', 'Mona', 'm@site.example') on conflict (user_id) do update set email = excluded.email`,
    );
    const [manager, engineer] = [
      await server.as('u-manager-1', 'member'),
      await server.as('u-engineer-1', 'member'),
    ];
    const comments = '/entities/projects/7/comments';
    const opened = await manager<{ thread: { thread_id: string } }>('POST', comments, { body: 'Which mix?' });
    const { thread_id } = opened.body.thread;
    expect((await engineer('POST', comments, { body: 'B 30?', thread_id })).status).toBe(201);
    const { messages } = await eventually(
      async () =>
        (await (
          await fetch(`${mailpit.url}/api/v1/search?query=${encodeURIComponent('to:m@site.example')}`)
        ).json()) as {
          messages: { ID: string; MessageID: string; Subject: string; ReplyTo: { Address: string }[] }[];
        },
      (found) => found.messages.length > 0,
    );
    const [sent] = messages;
    expect(sent).toMatchObject({ ReplyTo: [{ Address: INBOUND_MAIL_ADDRESS }] });
    // A program that keeps nothing of the conversation but the subject.
    const answer = ['From: m@site.example', `To: ${INBOUND_MAIL_ADDRESS}`, `Subject: AW: ${sent?.Subject}`];
    expect((await handOver([...answer, 'Message-ID: <a@site.example>', '', 'B 30'])).status).toBe(201);
    const emails = () => engineer<{ items: { state?: string }[] }>('GET', '/entities/projects/7/emails');
    // It has arrived a moment before its history says so.
    const { body: known } = await eventually(emails, ({ body }) => body.items.at(-1)?.state === 'sent');
    expect(known.items).toMatchObject([
      { direction: 'inbound', matched_by: 'reference_token' },
      { direction: 'outbound', state: 'sent', message_id: sent?.MessageID },
    ]);
    const isMail = { recipient_id: 'u-manager-1', channel: 'email' };
    const stored = () => server.mongodbDocuments('notification_delivery', isMail);
    await eventually(stored, (found) => found.some(({ state }) => state === 'sent'));
    const about = [
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: <${sent?.MessageID}>`,
      '--b--',
      '',
    ];
    const reportTo = (to: string, kind: string, ...part: string[]) =>
      handOver([
        'From: mailer-daemon@site.example',
        `To: ${to}`,
        'MIME-Version: 1.0',
        `Content-Type: multipart/report; report-type=${kind}; boundary=b`,
        '',
        '--b',
        '',
        'Sorry.',
        '--b',
        `Content-Type: message/${kind}`,
        '',
        ...part,
        ...about,
      ]);
    const complain = (to: string) =>
      reportTo(to, 'feedback-report', 'Feedback-Type: abuse', 'Version: 1', 'User-Agent: SiteMail/1.0');
    const bounce = (to: string) => {
      const recipient = ['Final-Recipient: rfc822; m@site.example', 'Action: failed', 'Status: 5.1.1'];
      return reportTo(to, 'delivery-status', 'Reporting-MTA: dns; a', '', ...recipient);
    };
    const retired = async () => {
      const text = `select retired_email from infratraq.users where user_id = 'u-manager-1'`;
      return (await server.postgres.pool.query(text)).rows[0]?.retired_email;
    };
    const complaintsOf = async () =>
      (await manager<{ items: object[] }>('GET', '/notifications/complaints')).body.items;

    // Anybody can write to the mailbox and know the Message-ID: that marks the mail and is told.
    for (const one of [complain, bounce]) expect((await one(INBOUND_MAIL_ADDRESS)).status).toBe(201);
    expect(await complaintsOf()).toEqual([]);
    expect(await retired()).toBeNull();
    expect((await emails()).body.items).toMatchObject([
      { direction: 'inbound' },
      { direction: 'outbound', state: 'sent', unsigned_report: 'bounce' },
    ]);
    const operator = await server.as('u-operator-1', 'operator');
    const letters = await operator<{ items: { reason: { code: string } }[] }>(
      'GET',
      '/dead-letters?origin=mail',
    );
    const unsigned = letters.body.items.filter(({ reason }) => reason.code === 'mail.report-unsigned');
    expect(unsigned).toHaveLength(2);

    // Only the recipient's side knows the return path.
    const whole = await fetch(`${mailpit.url}/api/v1/message/${sent?.ID}`);
    const { ReturnPath: path } = (await whole.json()) as { ReturnPath: string };
    expect(path).toMatch(/^inbox\+r=[\w.-]+@infratraq\.example$/);
    await complain(path);
    expect(await complaintsOf()).toMatchObject([{ type: 'comment.added', feedback_type: 'abuse' }]);
    await bounce(path);
    expect(await retired()).toBe('m@site.example');
    const isBounced = ({ state }: Record<string, unknown>) => state === 'bounced';
    expect((await emails()).body.items).toMatchObject([
      { direction: 'inbound' },
      { direction: 'outbound', state: 'bounced' },
    ]);
    await eventually(stored, (found) => found.some(isBounced));
  });
});
