import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import webPush from 'web-push';
import { composeMessage, describeSender } from '../testing/describe-sender.js';
import { startPushService, type Browser, type PushService } from '../testing/providers/web-push-service.js';
import { openWebPushSender } from './web-push.js';

const vapid = { ...webPush.generateVAPIDKeys(), subject: 'mailto:operations@example.org' };
const addressOf = ({ target }: Browser) => ({ channel: 'push', device_id: 'd-1', target }) as const;

describeSender('web push', async () => {
  const service = await startPushService(vapid.publicKey);
  const browser = service.subscribe();
  const { endpoint, keys } = browser.target;
  return {
    sender: await openWebPushSender({ vapid, agent: service.createAgent() }),
    address: addressOf(browser),
    trouble: (kind) => void (service.trouble = kind),
    troubles: ['rejected', 'address_gone', 'throttled', 'unreachable'],
    tellsRetryAfter: true,
    arrived: () => browser.received.map(({ text }) => text),
    secrets: [vapid.privateKey, endpoint, keys.p256dh, keys.auth],
    connections: service.connections,
    close: service.close,
  };
});

describe('a push to a browser', () => {
  let service: PushService;
  let browser: Browser;
  beforeAll(async () => {
    service = await startPushService(vapid.publicKey);
    browser = service.subscribe();
  });
  afterAll(() => service.close());
  const open = (more: object = {}) => openWebPushSender({ vapid, agent: service.createAgent(), ...more });

  it('is decrypted by the browser, and says how urgent it is and how long it is of use', async () => {
    const sender = await open({ now: () => Date.parse('2026-11-24T10:00:00Z') });
    const message = composeMessage(addressOf(browser), {
      urgency: 'high',
      not_after: new Date('2026-11-24T11:00:00Z'),
      url: '/projects/7',
      data: { project: 7 },
    });
    await sender.send(message);
    await sender.close();
    const { text, headers } = browser.received.at(-1) as Browser['received'][number];
    const { notification_id, delivery_id, type, locale, title, body, url, data } = message;
    expect(JSON.parse(text)).toEqual({ notification_id, delivery_id, type, locale, title, body, url, data });
    expect(headers).toMatchObject({ urgency: 'high', ttl: '3600' });
  });

  it('replaces what an earlier try, or an earlier message of its collapse key, left waiting', async () => {
    const sender = await open();
    const message = composeMessage(addressOf(browser));
    const before = browser.received.length;
    await sender.send(message);
    await sender.send({ ...message, attempt: 2 });
    expect(browser.received).toHaveLength(before + 1);
    for (const body of ['two replies', 'three replies'])
      await sender.send(composeMessage(addressOf(browser), { body, collapse_key: 'thread:7' }));
    await sender.close();
    expect(browser.received).toHaveLength(before + 2);
    expect(browser.received.at(-1)?.text).toContain('three replies');
  });

  it('fits: data goes first, then the end of the text, and no character is cut in two', async () => {
    const sender = await open();
    const data = { long: 'x'.repeat(4_000) };
    await sender.send(composeMessage(addressOf(browser), { data }));
    expect(JSON.parse(browser.received.at(-1)?.text as string)).not.toHaveProperty('data');
    expect(await sender.send(composeMessage(addressOf(browser), { body: '👷'.repeat(3_000) }))).toMatchObject(
      { outcome: 'accepted' },
    );
    await sender.close();
    const { body } = JSON.parse(browser.received.at(-1)?.text as string) as { body: string };
    expect(body).toMatch(/^(👷)+…$/u);
    expect(body.length).toBeGreaterThan(1_500);
  });

  it.each([
    ['404', 'expired'],
    ['410', 'address_gone'],
  ] as const)('finds a subscription gone by %s', async (error_code, trouble) => {
    const sender = await open();
    service.trouble = trouble;
    expect(await sender.send(composeMessage(addressOf(browser)))).toMatchObject({
      error_code,
      address_gone: true,
    });
    service.trouble = undefined;
    await sender.close();
  });

  it('is not tried with keys that no browser makes', async () => {
    const sender = await open();
    const target = { ...browser.target, keys: { p256dh: 'AAAA', auth: 'AAAA' } };
    expect(await sender.send(composeMessage({ channel: 'push', device_id: 'd', target }))).toMatchObject({
      outcome: 'rejected',
      error_code: 'subscription.invalid',
      address_gone: true,
    });
    await sender.close();
  });

  it('waits for an operator when our keys are refused, and for the service when it is away', async () => {
    const wrong = await open({ vapid: { ...vapid, ...webPush.generateVAPIDKeys() } });
    expect(await wrong.send(composeMessage(addressOf(browser)))).toMatchObject({
      outcome: 'unreachable',
      error_code: '401',
    });
    await wrong.close();
    const sender = await open();
    await service.goAway();
    expect(await sender.send(composeMessage(addressOf(browser)))).toMatchObject({
      outcome: 'unreachable',
      error_code: 'ECONNREFUSED',
    });
    await service.comeBack();
    await sender.close();
  });
});
