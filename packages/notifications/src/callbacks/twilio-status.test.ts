import { describe, expect, it } from '@jest/globals';
import { openTwilioSender } from '../senders/twilio.js';
import { composeMessage } from '../testing/describe-sender.js';
import type { SignedForm } from '../testing/providers/twilio.js';
import { now, publicUrl, useHooks } from '../testing/use-hooks.js';

describe('hooks of Twilio', () => {
  const hooks = useHooks();
  const { app, reports } = hooks;
  const deliver = ({ url, headers, body }: SignedForm) =>
    app.inject({ method: 'POST', url: url.slice(publicUrl.length), headers, payload: body });
  const sent = async () => {
    const { accountSid, authToken, baseUrl } = hooks.twilio;
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
    return hooks.twilio.messages.at(-1) as (typeof hooks.twilio.messages)[number];
  };

  it('take in what became of a message, and the same again', async () => {
    const message = await sent();
    const callback = hooks.twilio.composeCallback(message, 'delivered');
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
    await deliver(hooks.twilio.composeCallback(await sent(), status, { ErrorCode }));
    expect(reports).toEqual([expect.objectContaining(expected)]);
    if (!('address_gone' in expected)) expect(reports[0]).not.toHaveProperty('address_gone');
  });

  it('leave what says nothing new', async () => {
    expect((await deliver(hooks.twilio.composeCallback(await sent(), 'sending'))).statusCode).toBe(204);
    expect(reports).toEqual([]);
  });

  it('refuse a signature that is not over this address and this form, and take nothing in', async () => {
    const callback = hooks.twilio.composeCallback(await sent(), 'delivered');
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
    hooks.failWith(new Error('the database is away'));
    expect((await deliver(hooks.twilio.composeCallback(await sent(), 'delivered'))).statusCode).toBe(500);
  });
});
