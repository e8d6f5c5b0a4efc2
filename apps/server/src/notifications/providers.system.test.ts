import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pickFreePort, startMailpit, type Mailpit } from '@infratraq/engines';
import { hookSignatureHeader, signHook } from '@infratraq/notifications/hooks';
import { eventually } from '@infratraq/testing';
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

  const notify = (title: string, users: readonly string[]) =>
    operator('POST', '/notifications', {
      to: { users },
      type: 'notice.posted',
      channels: ['email'],
      data: { title, body: 'Until noon', url: '/bridges/1' },
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
    const raw = await (await fetch(`${mailpit.url}/api/v1/message/${ID}/raw`)).text();
    const to = messages.flatMap(({ To }) => To.map(({ Address }) => Address));
    return { raw, messageId: `<${MessageID}>`, to };
  };
  const deliveries = async (filter: object, isThere: (delivery: Delivery) => boolean) => {
    const found = await eventually(
      async () => (await server.mongodbDocuments('notification_delivery', filter)) as unknown as Delivery[],
      (all) => all.some(isThere),
    );
    return found.find(isThere)!;
  };

  it('arrive, and end with one click on the link that mail programs show', async () => {
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
    const member = await server.as(user, 'member');
    expect(JSON.stringify((await member('GET', '/preferences')).body)).toContain('"muted":true');
    // Both are planned together: once the other has it, this one gets none.
    await notify('Bridge open again', [user, other]);
    expect((await readMail('Bridge open again')).to).toEqual(['ben@example.org']);
  });

  it('that bounce are known as such, and their address is used no more', async () => {
    await notify('Tunnel closed', [other]);
    const { messageId } = await readMail('Tunnel closed');
    await deliveries({ recipient_id: other, channel: 'email' }, ({ state }) => state === 'sent');
    const body = JSON.stringify({
      ...{ event_id: 'e-1', message_id: messageId, kind: 'bounced', status: '5.1.1' },
      at: new Date().toISOString(),
    });
    const report = (signature: string) =>
      fetch(`${server.url}/api/v1/hooks/mail/bounce`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [hookSignatureHeader]: signature },
        body,
      });
    expect((await report(signHook('not the secret of this server at all', body, Date.now()))).status).toBe(
      403,
    );
    const signature = signHook(secret, body, Date.now());
    expect([(await report(signature)).status, (await report(signature)).status]).toEqual([204, 204]);
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
