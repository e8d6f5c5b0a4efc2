import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { composeMessage, describeSender } from '../testing/describe-sender.js';
import { startFcm, type FcmStandIn } from '../testing/providers/fcm.js';
import { openFcmSender } from './fcm.js';

const addressOf = (token: string) =>
  ({ channel: 'push', device_id: 'd-1', target: { kind: 'fcm', token } }) as const;

describeSender('FCM', async () => {
  const fcm = await startFcm();
  const token = fcm.register();
  return {
    sender: await openFcmSender({ serviceAccount: fcm.serviceAccount, agent: fcm.createAgent() }),
    address: addressOf(token),
    trouble: (kind) => void (fcm.trouble = kind),
    troubles: ['rejected', 'address_gone', 'throttled', 'unreachable'],
    tellsRetryAfter: true,
    arrived: () => fcm.messages.map(({ notification }) => notification.body),
    secrets: [fcm.serviceAccount.private_key, token],
    connections: fcm.connections,
    close: fcm.close,
  };
});

describe('a push through FCM', () => {
  let fcm: FcmStandIn;
  beforeAll(async () => {
    fcm = await startFcm();
  });
  afterAll(() => fcm.close());
  const open = (more: object = {}) =>
    openFcmSender({ serviceAccount: fcm.serviceAccount, agent: fcm.createAgent(), ...more });

  it('is authorised once for many, and carries the message to Android and iOS', async () => {
    const token = fcm.register();
    const sender = await open({ now: () => Date.parse('2026-11-24T10:00:00Z') });
    const message = composeMessage(addressOf(token), {
      urgency: 'high',
      not_after: new Date('2026-11-24T11:00:00Z'),
      url: '/projects/7',
      data: { project: 7 },
    });
    await Promise.all([sender.send(message), sender.send(message)]);
    await sender.close();
    expect(fcm.tokensGiven()).toBe(1);
    const [push, again] = fcm.messages as object[];
    expect(push).toEqual(again);
    const { notification_id, delivery_id, type, locale, title, body, url } = message;
    expect(push).toEqual({
      token,
      notification: { title, body },
      data: { notification_id, delivery_id, type, locale, url, data: '{"project":7}' },
      android: { priority: 'high', ttl: '3600s', notification: { tag: expect.any(String) } },
      apns: {
        headers: {
          'apns-priority': '10',
          'apns-expiration': String(Date.parse('2026-11-24T11:00:00Z') / 1_000),
          'apns-collapse-id': expect.any(String),
        },
      },
    });
  });

  it('to a device that has uninstalled the application finds it gone', async () => {
    const sender = await open();
    expect(await sender.send(composeMessage(addressOf('uninstalled')))).toMatchObject({
      outcome: 'rejected',
      error_code: 'registration-token-not-registered',
      address_gone: true,
    });
    await sender.close();
  });

  it('waits for an operator when the key is refused, and for FCM when it is away', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const wrong = await open({ serviceAccount: { ...fcm.serviceAccount, private_key } });
    expect(await wrong.send(composeMessage(addressOf(fcm.register())))).toMatchObject({
      outcome: 'unreachable',
      error_code: 'invalid-credential',
    });
    await wrong.close();
    const sender = await open();
    await fcm.goAway();
    expect(await sender.send(composeMessage(addressOf(fcm.register())))).toMatchObject({
      outcome: 'unreachable',
    });
    await fcm.comeBack();
    expect(await sender.send(composeMessage(addressOf(fcm.register())))).toMatchObject({
      outcome: 'accepted',
    });
    await sender.close();
  });
});
