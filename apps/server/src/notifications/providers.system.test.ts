import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type Mailpit, pickFreePort, startMailpit } from '@infratraq/engines';
import { signWebhook } from '@infratraq/transport/webhook-signature';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const secret = 'a secret of at least thirty-two characters';
const [user, other] = ['u-engineer-1', 'u-mail-2'];

interface Delivery extends Record<string, unknown> {
  state: string;
  provider_message_id: string;
}

describe('notifications by email', () => {
  let mailpit: Mailpit;
  let server: TestServer;
  let operator: Awaited<ReturnType<TestServer['as']>>;

  beforeAll(async () => {
    mailpit = await startMailpit();
    const PORT = String(await pickFreePort());
    server = await openTestServer({
      PORT,
      PUBLIC_URL: `http://127.0.0.1:${PORT}`,
      SMTP_URL: mailpit.smtpUrl,
      SMTP_FROM: 'InfraTraq <notices@infra.example>',
      MAIL_HOOK_SECRET: secret,
    });
    operator = await server.as('u-operator-1', 'operator');
    await server.postgres.pool.query(
      `insert into infratraq.users (user_id, display_name, email)
       values ($1, 'Ada', 'ada@example.org'), ($2, 'Ben', 'ben@example.org')
       on conflict (user_id) do update set email = excluded.email`,
      [user, other],
    );
  }, 600_000);
  afterAll(async () => {
    await server.close();
    await mailpit.stop();
  });

  const notify = (title: string, users: readonly string[], url = '/bridges/1', about: object = {}) =>
    operator('POST', '/notifications', {
      to: { users },
      ...about,
      type: 'notice.posted',
      channels: ['email'],
      data: { title, body: 'Until noon', url },
    });
  const readMail = async (subject: string) => {
    const query = encodeURIComponent(`subject:"${subject}"`);
    const { messages } = await eventually(
      async () =>
        (await (await fetch(`${mailpit.url}/api/v1/search?query=${query}`)).json()) as {
          messages: { ID: string; MessageID: string; To: { Address: string }[] }[];
        },
      (found) => found.messages.length > 0,
    );
    const { ID, MessageID } = messages[0]!;
    const message = `${mailpit.url}/api/v1/message/${ID}`;
    const raw = await (await fetch(`${message}/raw`)).text();
    const { HTML: html } = (await (await fetch(message)).json()) as { HTML: string };
    const to = messages.flatMap(({ To }) => To.map(({ Address }) => Address));
    return { raw, html, messageId: `<${MessageID}>`, to };
  };
  const deliveries = async (filter: object, isThere: (delivery: Delivery) => boolean) => {
    const found = await eventually(
      async () => (await server.mongodbDocuments('notification_delivery', filter)) as unknown as Delivery[],
      (all) => all.some(isThere),
    );
    return found.find(isThere)!;
  };

  it('tell that a link was followed, of those who allow it, and lead on in any case', async () => {
    const url = 'https://maps.example/?place=bridge&zoom=4';
    await notify('Detour', [user], url);
    const linkOf = async (subject: string) =>
      /href="([^"]+)"/.exec((await readMail(subject)).html)?.[1] as string;
    const link = await linkOf('Detour');
    expect(link).toMatch(new RegExp(`^${server.url}/api/v1/hooks/click\\?token=`));
    const before = await deliveries(
      { recipient_id: user, channel: 'email' },
      ({ state }) => state === 'sent',
    );
    expect(before['engagement']).toBeUndefined();
    for (let click = 1; click <= 2; click += 1) {
      const answer = await fetch(link, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, url]);
    }
    const forged = await fetch(link.slice(0, -3), { redirect: 'manual' });
    expect([forged.status, forged.headers.get('location')]).toEqual([404, null]);
    const after = await deliveries({ _id: before['_id'] }, ({ engagement }) => engagement !== undefined);
    expect(after).toMatchObject({ state: 'sent', engagement: { clicked_at: expect.any(Date) } });

    await notify('Detour again', [user], url);
    const unread = await linkOf('Detour again');
    const member = await server.as(user, 'member');
    const { body } = await member<{ version: number }>('GET', '/preferences');
    const settings = { privacy: { track_clicks: false } };
    await member('PATCH', '/preferences', { version: body.version, settings });
    expect((await fetch(unread, { redirect: 'manual' })).headers.get('location')).toBe(url);
    const mails = await server.mongodbDocuments('notification_delivery', { recipient_id: user });
    expect(mails.filter(({ engagement }) => engagement).map(({ _id }) => _id)).toEqual([before['_id']]);
    await notify('Second detour', [user], url);
    expect((await readMail('Second detour')).html).toContain(`href="${url.replace('&', '&amp;')}"`);
  });

  it('that somebody calls spam are not sent to that mailbox any more, until they are wanted again', async () => {
    await notify('Crane closed', [other]);
    const { messageId } = await readMail('Crane closed');
    await deliveries({ recipient_id: other, provider_message_id: messageId }, () => true);
    const raw = composeFeedbackReport(messageId);
    const signature = signWebhook(secret, { id: 'f-1', body: raw });
    const answer = await fetch(`${server.url}/api/v1/hooks/mail/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', ...signature },
      body: raw,
    });
    expect([answer.status, await answer.json()]).toEqual([200, { reports: 1 }]);
    const member = await server.as(other, 'member');
    const listed = await member<{ items: object[] }>('GET', '/notifications/complaints');
    expect(listed.body.items).toMatchObject([{ type: 'notice.posted', feedback_type: 'abuse' }]);
    await notify('Crane open again', [user, other]);
    expect((await readMail('Crane open again')).to).toEqual(['ada@example.org']);

    expect((await member('DELETE', '/notifications/complaints/notice.posted')).status).toBe(204);
    expect(await member('DELETE', '/notifications/complaints/notice.posted')).toMatchObject({
      status: 404,
      body: { code: 'complaint.unknown' },
    });
    await notify('Crane moved', [other]);
    expect((await readMail('Crane moved')).to).toEqual(['ben@example.org']);
  });

  it('arrive, and end with one click on the link that mail programs show', async () => {
    const member = await server.as(user, 'member');
    const { body } = await member<{ version: number }>('GET', '/preferences');
    const entity = { entity_type: 'projects', entity_id: '42' };
    const settings = { notifications: [{ ...entity, type: '*', channels: ['email'] }] };
    await member('PATCH', '/preferences', { version: body.version, settings });
    expect((await notify('Bridge closed', [user])).status).toBe(202);
    const { raw } = await readMail('Bridge closed');
    const link = /^List-Unsubscribe: <([^>]+)>/m.exec(raw.replace(/\r\n[ \t]+/g, ' '))?.[1] as string;
    expect(raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    const clicked = await fetch(link, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect(clicked.status).toBe(200);
    expect(JSON.stringify((await member('GET', '/preferences')).body)).toContain('"muted":true');
    // Both are planned together: once the other has it, this one gets none, whatever it is about.
    for (const [title, about] of [
      ['Bridge open again', {}],
      ['Project done', { entity }],
    ] as const) {
      await notify(title, [user, other], undefined, about);
      expect((await readMail(title)).to).toEqual(['ben@example.org']);
    }
  });

  it('that bounce are known as such, and their address is used no more', async () => {
    await notify('Tunnel closed', [other]);
    const { messageId } = await readMail('Tunnel closed');
    await deliveries({ recipient_id: other, channel: 'email' }, ({ state }) => state === 'sent');
    const body = JSON.stringify({
      event_id: 'e-1',
      message_id: messageId,
      kind: 'bounced',
      status: '5.1.1',
      at: new Date().toISOString(),
    });
    const report = (key: string) =>
      fetch(`${server.url}/api/v1/hooks/mail/bounce`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signWebhook(key, { id: 'e-1', body }) },
        body,
      });
    expect((await report('not the secret of this server at all')).status).toBe(403);
    expect([(await report(secret)).status, (await report(secret)).status]).toEqual([204, 204]);
    const bounced = await deliveries(
      { recipient_id: other, channel: 'email' },
      ({ state }) => state === 'bounced',
    );
    expect(bounced).toMatchObject({ provider_message_id: messageId });
    expect((bounced['transitions'] as { to: string }[]).filter(({ to }) => to === 'bounced')).toHaveLength(1);
    const { rows } = await server.postgres.pool.query(
      'select retired_email from infratraq.users where user_id = $1',
      [other],
    );
    expect(rows).toEqual([{ retired_email: 'ben@example.org' }]);
  });
});

/** A feedback report with the headers of the mail alone (RFC 5965). */
function composeFeedbackReport(messageId: string): string {
  return [
    'From: <feedback@mail.example.org>',
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'This is an email abuse report.',
    '',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    '',
    '--b--',
    '',
  ].join('\r\n');
}
