import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { registerTransport, UnauthenticatedError } from '@infratraq/transport';
import Fastify from 'fastify';
import { openTwilioSender } from '../senders/twilio.js';
import type { ProviderReport } from '../senders/sender.js';
import { composeDeliveryStatus } from '../testing/compose-delivery-status.js';
import { composeMessage } from '../testing/describe-sender.js';
import { startTwilio, type SignedForm, type TwilioStandIn } from '../testing/providers/twilio.js';
import { composeFeedbackReport } from '../testing/compose-feedback-report.js';
import {
  createClickLinks,
  createUnsubscribeLinks,
  hookSignatureHeader,
  notificationHooks,
  signHook,
} from './hooks.js';
import type { MailLink } from './click-links.js';
import type { MailFeedback } from '../complaints/mail-feedback.js';

const publicUrl = 'https://infra.example';
const secret = 'a secret of at least thirty-two characters';
const now = () => Date.parse('2026-11-24T10:00:00Z');

describe('hooks', () => {
  let twilio: TwilioStandIn;
  const app = Fastify();
  const reports: ProviderReport[] = [];
  const muted: [string, string][] = [];
  let fault: Error | undefined;
  const feedback: MailFeedback[] = [];
  const clicked: MailLink[] = [];
  const signing = { secret, baseUrl: `${publicUrl}/api/v1/hooks` };
  const links = createUnsubscribeLinks(signing);
  const clickLinks = createClickLinks(signing);

  beforeAll(async () => {
    twilio = await startTwilio();
    await app.register(registerTransport, {
      authenticate: async () => {
        throw new UnauthenticatedError();
      },
    });
    await app.register(notificationHooks, {
      prefix: '/api/v1',
      now,
      twilio: { authToken: twilio.authToken, publicUrl },
      mail: { secret, takeFeedback: async (told) => void feedback.push(told) },
      clicks: {
        links: clickLinks,
        record: async (link) => {
          if (fault) throw fault;
          clicked.push(link);
        },
      },
      unsubscribe: { links, unsubscribe: async (userId, type) => void muted.push([userId, type]) },
      report: async (report) => {
        if (fault) throw fault;
        reports.push(report);
      },
    });
  });
  afterAll(async () => {
    await app.close();
    await twilio.close();
  });
  beforeEach(() => {
    reports.length = 0;
    muted.length = 0;
    feedback.length = 0;
    clicked.length = 0;
    fault = undefined;
  });

  describe('of Twilio', () => {
    const deliver = ({ url, headers, body }: SignedForm) =>
      app.inject({ method: 'POST', url: url.slice(publicUrl.length), headers, payload: body });
    const sent = async () => {
      const { accountSid, authToken, baseUrl } = twilio;
      const statusCallback = `${publicUrl}/api/v1/hooks/twilio/status`;
      const sender = await openTwilioSender({
        accountSid,
        authToken,
        baseUrl,
        statusCallback,
        from: '+15005550006',
      });
      await sender.send(composeMessage({ channel: 'sms', phone: '+436601234567' }));
      await sender.close();
      return twilio.messages.at(-1) as (typeof twilio.messages)[number];
    };

    it('take in what became of a message, and the same again', async () => {
      const message = await sent();
      const callback = twilio.composeCallback(message, 'delivered');
      expect((await deliver(callback)).statusCode).toBe(204);
      expect((await deliver(callback)).statusCode).toBe(204);
      const delivered = {
        provider: 'twilio',
        provider_message_id: message.sid,
        state: 'delivered',
        at: new Date(now()),
        provider_event_id: `${message.sid}:delivered`,
      };
      expect(reports).toEqual([delivered, delivered]);
    });

    it.each([
      ['undelivered', '30003', { state: 'failed', error_code: '30003' }],
      ['undelivered', '30005', { state: 'failed', error_code: '30005', address_gone: true }],
      ['failed', '30007', { state: 'failed', error_code: '30007' }],
      ['sent', '', { state: 'sent' }],
    ])('understand %s with code %s', async (status, ErrorCode, expected) => {
      await deliver(twilio.composeCallback(await sent(), status, { ErrorCode }));
      expect(reports).toEqual([expect.objectContaining(expected)]);
      if (!('address_gone' in expected)) expect(reports[0]).not.toHaveProperty('address_gone');
    });

    it('leave what says nothing new', async () => {
      expect((await deliver(twilio.composeCallback(await sent(), 'sending'))).statusCode).toBe(204);
      expect(reports).toEqual([]);
    });

    it('refuse a signature that is not over this address and this form, and take nothing in', async () => {
      const callback = twilio.composeCallback(await sent(), 'delivered');
      const forged = [
        { ...callback, body: callback.body.replace('delivered', 'failed') },
        { ...callback, url: `${callback.url}?more=1` },
        { ...callback, headers: { ...callback.headers, 'x-twilio-signature': 'AAAA' } },
        { ...callback, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        { ...callback, headers: {}, body: '' },
      ];
      for (const one of forged) {
        const answer = await deliver(one);
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'hook.signature']);
      }
      expect(reports).toEqual([]);
    });

    it('do not say that they took in what they could not', async () => {
      fault = new Error('the database is away');
      expect((await deliver(twilio.composeCallback(await sent(), 'delivered'))).statusCode).toBe(500);
    });
  });

  describe('of mail', () => {
    const bounce = {
      event_id: 'e-1',
      message_id: 'd-1@infra.example',
      kind: 'bounced',
      status: '5.1.1',
      reason: 'User unknown',
      at: '2026-11-24T09:59:00.000Z',
    };
    const post = (
      path: string,
      payload: string,
      type: string,
      signature = signHook(secret, payload, now()),
    ) =>
      app.inject({
        method: 'POST',
        url: `/api/v1/hooks/mail/${path}`,
        headers: { 'content-type': type, [hookSignatureHeader]: signature },
        payload,
      });
    const postBounce = (body: object, signature?: string) =>
      post('bounce', JSON.stringify(body), 'application/json', signature);

    it('take in a bounce, and the same again', async () => {
      expect((await postBounce(bounce)).statusCode).toBe(204);
      expect((await postBounce(bounce)).statusCode).toBe(204);
      const report = {
        provider: 'smtp',
        provider_message_id: '<d-1@infra.example>',
        state: 'bounced',
        at: new Date(bounce.at),
        provider_event_id: 'e-1',
        error_code: '5.1.1',
        reason: 'User unknown',
        address_gone: true,
      };
      expect(reports).toEqual([report, report]);
    });

    it('take in a raw delivery status notification', async () => {
      const raw = composeDeliveryStatus({ messageId: '<d-7@infra.example>' });
      const answer = await post('dsn', raw, 'message/rfc822');
      expect([answer.statusCode, answer.json()]).toEqual([200, { reports: 1 }]);
      expect(reports).toMatchObject([{ provider_message_id: '<d-7@infra.example>', state: 'bounced' }]);
    });

    it('take in that a mail was called spam, as JSON and as a raw feedback report', async () => {
      const { status: _status, reason: _reason, ...mail } = bounce;
      expect((await postBounce({ ...mail, kind: 'complained' })).statusCode).toBe(204);
      const raw = composeFeedbackReport({ messageId: '<d-8@infra.example>' });
      const answer = await post('feedback', raw, 'message/rfc822');
      expect([answer.statusCode, answer.json()]).toEqual([200, { reports: 1 }]);
      expect(feedback).toMatchObject([
        { provider_message_id: '<d-1@infra.example>', kind: 'complained', feedback_type: 'abuse' },
        { provider_message_id: '<d-8@infra.example>', kind: 'complained', feedback_type: 'abuse' },
      ]);
      expect((await post('feedback', 'Subject: Hello', 'message/rfc822')).json()).toEqual({ reports: 0 });
      expect((await post('feedback', raw, 'message/rfc822', 'v1=00')).json().code).toBe('hook.signature');
      expect(reports).toEqual([]);
    });

    it('refuse what is not signed, signed with another secret, changed since, or old, and take nothing in', async () => {
      const body = JSON.stringify(bounce);
      const signatures: [string, string][] = [
        ['', 'hook.signature'],
        ['t=,v1=', 'hook.signature'],
        [signHook('another secret', body, now()), 'hook.signature'],
        [signHook(secret, `${body} `, now()), 'hook.signature'],
        [signHook(secret, body, now()).replace(/t=\d+/, `t=${now() / 1_000 + 1}`), 'hook.signature'],
        [signHook(secret, body, now() - 301_000), 'hook.expired'],
        [signHook(secret, body, now() + 301_000), 'hook.expired'],
      ];
      for (const [signature, code] of signatures) {
        const answer = await postBounce(bounce, signature);
        expect([answer.statusCode, answer.json().code]).toEqual([403, code]);
      }
      expect((await post('dsn', 'x', 'message/rfc822', 'v1=00')).statusCode).toBe(403);
      expect(reports).toEqual([]);
    });

    it('take one of several signatures, as while a secret is changed, and refuse a body of another shape', async () => {
      const body = JSON.stringify(bounce);
      const old = signHook('another secret', body, now());
      const signature = `${signHook(secret, body, now())},${old.split(',')[1]}`;
      expect((await postBounce(bounce, signature)).statusCode).toBe(204);
      expect((await postBounce({ ...bounce, kind: 'lost' })).json().code).toBe('input.invalid');
    });
  });

  describe('of unsubscribing', () => {
    const pathOf = (url: string) => url.slice(publicUrl.length);
    const url = links.urlFor('u-1', ['inspection.scheduled']);

    it('mute a type with one click, as mail programs post it', async () => {
      const answer = await app.inject({
        method: 'POST',
        url: pathOf(url),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'List-Unsubscribe=One-Click',
      });
      expect(answer.statusCode).toBe(200);
      expect(muted).toEqual([['u-1', 'inspection.scheduled']]);
    });

    it('do so for people and types with names of any length', async () => {
      const [user, type] = [`urn:people:${'7'.repeat(150)}`, 'inspection_of_bridges.scheduled_again'];
      const answer = await app.inject({ method: 'POST', url: pathOf(links.urlFor(user, [type])) });
      expect(answer.statusCode).toBe(200);
      expect(muted).toEqual([[user, type]]);
    });

    it('mute every type that a digest tells of', async () => {
      const digest = links.urlFor('u-1', ['inspection.scheduled', 'comment.added']);
      expect((await app.inject({ method: 'POST', url: pathOf(digest) })).statusCode).toBe(200);
      expect(muted).toEqual([
        ['u-1', 'inspection.scheduled'],
        ['u-1', 'comment.added'],
      ]);
    });

    it('only ask when the link is followed', async () => {
      const answer = await app.inject({ url: pathOf(url) });
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.body).toContain('<form method="post">');
      expect(muted).toEqual([]);
    });

    it('refuse a link that was changed, and mute nothing', async () => {
      const forged = createUnsubscribeLinks({ secret: 'another', baseUrl: '' }).urlFor('u-2', ['x']);
      for (const token of [
        url.split('=').at(-1)?.slice(0, -2),
        'x.y',
        'x',
        forged.split('=').at(-1),
        clickLinks
          .urlFor({ delivery_id: 'u-2', recipient_id: 'x', url: 'https://a.example' })
          ?.split('=')
          .at(-1),
      ]) {
        const answer = await app.inject({ method: 'POST', url: `/api/v1/hooks/unsubscribe?token=${token}` });
        expect([answer.statusCode, answer.json().code]).toEqual([404, 'hook.link-unknown']);
      }
      expect(muted).toEqual([]);
    });
  });

  describe('of links in mails', () => {
    const link = { delivery_id: 'd-1', recipient_id: 'u-1', url: 'https://maps.example/?q=a&b=%C3%BC#there' };
    const follow = (token: string | undefined, method: 'GET' | 'HEAD' = 'GET', headers = {}) =>
      app.inject({ method, url: `/api/v1/hooks/click?token=${token}`, headers });
    const token = clickLinks.urlFor(link)?.split('token=')[1];

    it('lead on to where they lead, and tell who followed which', async () => {
      const answer = await follow(token);
      expect([answer.statusCode, answer.headers.location]).toEqual([302, link.url]);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      expect(clicked).toEqual([link]);
    });

    it('lead nowhere else, whatever the token says', async () => {
      const elsewhere = createClickLinks({ secret: 'another', baseUrl: '' }).urlFor(link);
      const [payload, signature] = String(token).split('.');
      const changed = Buffer.from(JSON.stringify(['d-1', 'u-1', 'https://evil.example'])).toString(
        'base64url',
      );
      const unsubscribing = links.urlFor('u-1', ['https://evil.example']).split('=').at(-1);
      for (const forged of [
        elsewhere?.split('token=')[1],
        `${changed}.${signature}`,
        payload,
        unsubscribing,
      ]) {
        const answer = await follow(forged);
        expect([answer.statusCode, answer.json().code]).toEqual([404, 'hook.link-unknown']);
        expect(answer.headers.location).toBeUndefined();
      }
      expect((await follow('')).json().code).toBe('input.invalid');
      expect(clicked).toEqual([]);
    });

    it('tell of no program that looks ahead', async () => {
      expect((await follow(token, 'HEAD')).headers.location).toBe(link.url);
      const ahead = await follow(token, 'GET', { 'sec-purpose': 'prefetch;prerender' });
      expect(ahead.headers.location).toBe(link.url);
      expect(clicked).toEqual([]);
    });

    it('lead on although nothing can be noted', async () => {
      fault = new Error('the database is away');
      expect((await follow(token)).headers.location).toBe(link.url);
    });

    it('are made of web addresses alone that others may see', () => {
      for (const url of [
        'mailto:ada@example.org',
        'javascript:alert(1)',
        '/bridges/1',
        '#top',
        'https://',
        links.urlFor('u-1', ['x']),
        `https://a.example/${'long'.repeat(500)}`,
      ])
        expect(clickLinks.urlFor({ ...link, url })).toBeUndefined();
    });
  });

  it('are absent where they are not set up', async () => {
    const bare = Fastify();
    await bare.register(registerTransport, { authenticate: async () => ({ user_id: 'a', roles: [] }) });
    await bare.register(notificationHooks, { report: async () => undefined });
    expect((await bare.inject({ method: 'POST', url: '/hooks/twilio/status' })).statusCode).toBe(404);
    expect((await bare.inject({ method: 'POST', url: '/hooks/mail/bounce' })).statusCode).toBe(404);
    await bare.close();
  });
});
