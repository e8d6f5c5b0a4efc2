import { signWebhook } from '@infratraq/transport/webhook-signature';
import { describe, expect, it } from '@jest/globals';
import { composeDeliveryStatus } from '../testing/compose-delivery-status.js';
import { composeFeedbackReport } from '../testing/compose-feedback-report.js';
import { now, secret, useHooks } from '../testing/use-hooks.js';

describe('hooks of mail', () => {
  const { app, reports, feedback } = useHooks();
  const bounce = {
    event_id: 'e-1',
    message_id: 'd-1@infra.example',
    kind: 'bounced',
    status: '5.1.1',
    reason: 'User unknown',
    at: '2026-11-24T09:59:00.000Z',
  };
  const sign = (body: string, { key = secret, at = now() } = {}) => signWebhook(key, { id: 'e-1', body, at });
  const post = (path: string, payload: string, type: string, signature: object = sign(payload)) =>
    app.inject({
      method: 'POST',
      url: `/api/v1/hooks/mail/${path}`,
      headers: { 'content-type': type, ...signature },
      payload,
    });
  const postBounce = (body: object, signature?: object) =>
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
    expect((await post('feedback', raw, 'message/rfc822', {})).json().code).toBe('hook.signature');
    expect(reports).toEqual([]);
  });

  it('refuse what is not signed, signed with another secret, changed since, or old, and take nothing in', async () => {
    const body = JSON.stringify(bounce);
    const signatures: [object, string][] = [
      [{}, 'hook.signature'],
      [{ ...sign(body), 'webhook-timestamp': '', 'webhook-signature': 'v1,' }, 'hook.signature'],
      [sign(body, { key: 'another secret' }), 'hook.signature'],
      [sign(`${body} `), 'hook.signature'],
      [{ ...sign(body), 'webhook-id': 'e-2' }, 'hook.signature'],
      [{ ...sign(body), 'webhook-timestamp': String(now() / 1_000 + 1) }, 'hook.signature'],
      [sign(body, { at: now() - 301_000 }), 'hook.expired'],
      [sign(body, { at: now() + 301_000 }), 'hook.expired'],
    ];
    for (const [signature, code] of signatures) {
      const answer = await postBounce(bounce, signature);
      expect([answer.statusCode, answer.json().code]).toEqual([403, code]);
    }
    expect((await post('dsn', 'x', 'message/rfc822', {})).statusCode).toBe(403);
    expect(reports).toEqual([]);
  });

  it('take one of several signatures, as while a secret is changed, and refuse a body of another shape', async () => {
    const body = JSON.stringify(bounce);
    const signed = sign(body);
    const old = sign(body, { key: 'another secret' })['webhook-signature'];
    const both = { ...signed, 'webhook-signature': `${old} ${signed['webhook-signature']}` };
    expect((await postBounce(bounce, both)).statusCode).toBe(204);
    expect((await postBounce({ ...bounce, kind: 'lost' })).json().code).toBe('input.invalid');
  });
});
