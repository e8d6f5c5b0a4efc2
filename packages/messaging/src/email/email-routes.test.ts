import { accessForAllMembers } from '@infratraq/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerTransport } from '@infratraq/transport/fastify';
import { signWebhook } from '@infratraq/transport/webhook-signature';
import type { Role } from '@infratraq/kernel';
import Fastify, { type FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { emailRoutes, inboundMailRoutes } from '../routes.js';
import { headersOf, useEmailHistory } from '../testing/use-email-history.js';

const mails = useEmailHistory();
const secret = 'the shared secret of thirty-two characters';
let app: FastifyInstance;

beforeAll(async () => {
  app = Fastify();
  await app.register(registerTransport, {
    access: accessForAllMembers,
    authenticate: async (token) => ({ user_id: token, roles: [token as Role] }),
  });
  await app.register(emailRoutes, { emails: mails.history });
  await app.register(inboundMailRoutes, { emails: mails.history, secret, maximumBytes: 100_000 });
});
afterAll(() => app.close());

const get = (url: string, role = 'member') =>
  app.inject({ url, headers: { authorization: `Bearer ${role}` } });
const handOver = (payload: string, headers: Readonly<Record<string, string>>) =>
  app.inject({
    method: 'POST',
    url: '/hooks/mail/inbound',
    payload,
    headers: { 'content-type': 'message/rfc822', ...headers },
  });
const mailWith = (more: Readonly<Record<string, string>> = {}) =>
  [...headersOf(`${randomUUID()}@mail.example`, more), '', 'hello'].join('\r\n');
const signed = (body: string, at = Date.now(), key = secret) =>
  signWebhook(key, { id: randomUUID(), body, at });

describe('mail that is handed over', () => {
  it('is kept once, with the secret or with its signature', async () => {
    const raw = mailWith();
    const first = await handOver(raw, signed(raw));
    expect([first.statusCode, first.json()]).toEqual([201, { email_id: expect.any(String), is_new: true }]);
    const again = await handOver(raw, { 'x-mail-token': secret });
    expect([again.statusCode, again.json()]).toEqual([200, { ...first.json(), is_new: false }]);
  });

  it('reaches the entity of the address to which it was handed over', async () => {
    const recipient = 'inbox+projects.77@infratraq.example';
    await handOver(mailWith({ To: 'undisclosed' }), {
      'x-mail-token': secret,
      'x-mail-recipient': recipient,
    });
    const { items } = (await get('/entities/projects/77/emails')).json();
    expect(items).toMatchObject([{ matched_by: 'plus_address' }]);
  });

  it('is refused without the secret, with a signature of another mail or time, and when it is empty or too large', async () => {
    const before = await mails.inventory();
    const raw = mailWith();
    const answers = await Promise.all([
      handOver(raw, {}),
      handOver(raw, { 'x-mail-token': 'guess' }),
      handOver(raw, signed(`${raw}!`)),
      handOver(raw, signed(raw, Date.now(), 'another secret of thirty-two characters')),
      handOver(raw, { ...signed(raw), 'webhook-signature': 'nonsense' }),
      handOver(raw, signed(raw, Date.now() - 600_000)),
      handOver('', { 'x-mail-token': secret }),
      handOver('x'.repeat(100_001), { 'x-mail-token': secret }),
    ]);
    expect(answers.map((answer) => [answer.statusCode, answer.json().code])).toEqual([
      [401, 'unauthenticated'],
      [401, 'unauthenticated'],
      ...Array.from({ length: 3 }, () => [401, 'mail.signature']),
      [401, 'mail.signature-expired'],
      [400, 'mail.empty'],
      [413, expect.any(String)],
    ]);
    expect(await mails.inventory()).toEqual(before);
  });
});

describe('mail from who shows no secret', () => {
  it('is refused before its body has come', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const expired = Object.entries(signed('a mail', 1_000)).map(([name, value]) => `${name}: ${value}`);
    for (const shown of [['x-mail-token: guess'], expired]) {
      const socket = connect(port, '127.0.0.1');
      const lines = ['POST /hooks/mail/inbound HTTP/1.1', 'host: x', 'content-length: 90000'];
      socket.write([...lines, 'content-type: message/rfc822', ...shown, '', 'only a part'].join('\r\n'));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
      socket.destroy();
    }
  });
});

describe('the history of mails over HTTP', () => {
  it('shows an entity its mails, and their files as nothing that a browser runs', async () => {
    const { address } = (await get('/entities/projects/1/emails/address')).json();
    const html = [
      '--b',
      'Content-Type: text/html; name="größe.html"',
      'Content-Disposition: attachment',
      '',
      '<script>x()</script>',
      '--b--',
      '',
    ];
    const headers = headersOf('listed@mail.example', {
      To: address,
      'Content-Type': 'multipart/mixed; boundary=b',
    });
    await mails.receive(...headers, '', '--b', '', 'hello', ...html);
    const { items } = (await get('/entities/projects/1/emails')).json();
    expect(items).toMatchObject([{ subject: 'Inspection of span 4', entity_id: '1', malformed: false }]);
    const url = `/emails/${items[0].email_id}`;
    expect((await get(url)).json()).toMatchObject({ text_body: expect.stringContaining('hello') });
    expect((await get(`${url}/conversation`)).json().items).toEqual(items);
    const file = await get(`${url}/files/0`);
    expect(file.body.trim()).toBe('<script>x()</script>');
    expect(file.headers).toMatchObject({
      'content-disposition': "attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.html",
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect((await get(`${url}/files/1`)).statusCode).toBe(404);
    expect((await get('/emails/nonsense')).statusCode).toBe(404);
  });

  it('shows mail as it came, and mail without an entity, to operators only', async () => {
    const raw = mailWith();
    const { email_id } = (await handOver(raw, { 'x-mail-token': secret })).json();
    const url = `/emails/${email_id}`;
    const statuses = async (role: string) =>
      Promise.all(
        [url, `${url}/raw`, `${url}/conversation`, '/emails'].map(
          async (path) => (await get(path, role)).statusCode,
        ),
      );
    expect(await statuses('member')).toEqual([403, 403, 403, 403]);
    expect(await statuses('auditor')).toEqual([200, 200, 200, 200]);
    expect((await get(`${url}/raw`, 'operator')).body).toBe(raw);
    expect((await app.inject(url)).statusCode).toBe(401);
    await mails.receive('Subject: broken', '', 'x');
    expect((await get('/emails', 'operator')).json().items[0]).toMatchObject({ malformed: true });
    const of = await get('/emails?participant=INSPECTOR@site.example', 'operator');
    expect(of.json().items.length).toBeGreaterThan(0);
  });
});
