import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeMessage, describeSender } from '../testing/describe-sender.js';
import { startTwilio, type TwilioStandIn } from '../testing/providers/twilio.js';
import { openTwilioSender } from './twilio.js';

const address = { channel: 'sms', phone: '+436601234567' } as const;
const from = '+15005550006';

describeSender('Twilio', async () => {
  const twilio = await startTwilio();
  const { accountSid, authToken, baseUrl } = twilio;
  return {
    sender: await openTwilioSender({ accountSid, authToken, baseUrl, from }),
    address,
    trouble: (kind) => void (twilio.trouble = kind),
    troubles: ['rejected', 'address_gone', 'throttled', 'unreachable'],
    tellsRetryAfter: true,
    arrived: () => twilio.messages.map(({ fields }) => fields.Body as string),
    secrets: [authToken],
    connections: twilio.connections,
    close: twilio.close,
  };
});

describe('a text message through Twilio', () => {
  let twilio: TwilioStandIn;
  beforeAll(async () => {
    twilio = await startTwilio();
  });
  afterAll(() => twilio.close());
  const open = (more: object = {}) => {
    const { accountSid, authToken, baseUrl } = twilio;
    return openTwilioSender({ accountSid, authToken, baseUrl, from, ...more });
  };

  it('comes from a number or a messaging service, expires with its use, and names where to report', async () => {
    const now = () => Date.parse('2026-11-24T10:00:00Z');
    const statusCallback = 'https://example.org/api/v1/hooks/twilio/status';
    const sender = await open({ from: 'MG0123', statusCallback, now });
    const message = composeMessage(address, { not_after: new Date('2026-11-24T10:15:00Z') });
    await sender.send(message);
    await sender.close();
    expect(twilio.messages.at(-1)?.fields).toEqual({
      To: address.phone,
      Body: message.body,
      MessagingServiceSid: 'MG0123',
      StatusCallback: statusCallback,
      ValidityPeriod: '900',
    });
  });

  it('to a number that is none is refused, and the number is gone', async () => {
    const sender = await open();
    const outcome = await sender.send(composeMessage({ channel: 'sms', phone: '12' }));
    await sender.close();
    expect(outcome).toMatchObject({ outcome: 'rejected', error_code: '21211', address_gone: true });
  });

  it('waits for an operator when the account is refused, and for Twilio when it is away', async () => {
    const wrong = await open({ authToken: 'wrong' });
    expect(await wrong.send(composeMessage(address))).toMatchObject({
      outcome: 'unreachable',
      error_code: '20003',
    });
    await wrong.close();
    const sender = await open();
    await twilio.goAway();
    expect(await sender.send(composeMessage(address))).toMatchObject({
      outcome: 'unreachable',
      error_code: 'ECONNREFUSED',
    });
    await twilio.comeBack();
    twilio.trouble = 'stopped_before';
    expect(await sender.send(composeMessage(address))).toMatchObject({
      outcome: 'unreachable',
      error_code: '401',
    });
    twilio.trouble = undefined;
    expect(await sender.send(composeMessage(address))).toMatchObject({ outcome: 'accepted' });
    await sender.close();
  });
});
