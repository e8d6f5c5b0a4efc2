import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import {
  assertWebhookHeaders,
  signWebhook,
  verifyWebhook,
  WebhookSignatureError,
  type RequestHeaders,
} from './webhook-signature.js';

const encoded = `whsec_${Buffer.from('a key of thirty-two characters ok').toString('base64')}`;
const raw = 'a shared secret of thirty-two characters';
const now = Date.now();
const body = '{"type":"bounce","reason":"größe"}';

const faultOf = (check: () => void) => {
  try {
    check();
    return 'none';
  } catch (error) {
    return error instanceof WebhookSignatureError ? error.fault : error;
  }
};

describe('the signature of a webhook', () => {
  it.each([
    ['whsec_', encoded, new Webhook(encoded)],
    ['raw', raw, new Webhook(raw, { format: 'raw' })],
  ])('is that of the reference library with a secret that is %s', (_kind, secret, reference) => {
    const at = new Date(now);
    const theirs = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': reference.sign('msg_1', at, body),
    };
    expect(signWebhook(secret, { id: 'msg_1', body, at: now })).toEqual(theirs);
    expect(faultOf(() => verifyWebhook(secret, theirs, body))).toBe('none');
    expect(reference.verify(body, signWebhook(secret, { id: 'msg_1', body }))).toEqual(JSON.parse(body));
  });

  it('covers bytes that are no UTF-8', () => {
    const [latin, other] = [Buffer.from('gr\xf6\xdfe', 'latin1'), Buffer.from('gr\xe4\xdfe', 'latin1')];
    const headers = signWebhook(raw, { id: 'msg_1', body: latin });
    expect(faultOf(() => verifyWebhook(raw, headers, latin))).toBe('none');
    expect(faultOf(() => verifyWebhook(raw, headers, other))).toBe('mismatch');
  });

  it('is one of several while a secret is being changed', () => {
    const [ours, theirs] = [raw, encoded].map((secret) =>
      signWebhook(secret, { id: 'msg_1', body, at: now }),
    );
    const both = `${theirs?.['webhook-signature']} v2,unknown ${ours?.['webhook-signature']}`;
    for (const secret of [raw, encoded])
      expect(faultOf(() => verifyWebhook(secret, { ...ours, 'webhook-signature': both }, body, now))).toBe(
        'none',
      );
  });

  const signed = signWebhook(raw, { id: 'msg_1', body, at: now });
  it.each<[string, string, RequestHeaders, string, number]>([
    ['no headers', 'missing', {}, body, now],
    ['a repeated header', 'missing', { ...signed, 'webhook-id': ['msg_1', 'msg_2'] }, body, now],
    ['another body', 'mismatch', signed, `${body} `, now],
    ['another id', 'mismatch', { ...signed, 'webhook-id': 'msg_2' }, body, now],
    ['another secret', 'mismatch', signWebhook(encoded, { id: 'msg_1', body, at: now }), body, now],
    ['another version', 'mismatch', { ...signed, 'webhook-signature': 'v2,abc' }, body, now],
    ['no time', 'mismatch', { ...signed, 'webhook-timestamp': 'now' }, body, now],
    ['an old signature', 'expired', signed, body, now + 301_000],
    ['a signature from the future', 'expired', signed, body, now - 301_000],
  ])('is refused with %s', (_what, fault, headers, sent, at) => {
    expect(faultOf(() => verifyWebhook(raw, headers, sent, at))).toBe(fault);
  });

  it('is refused by its headers before the body has come', () => {
    expect(faultOf(() => assertWebhookHeaders(signed, now))).toBe('none');
    expect(faultOf(() => assertWebhookHeaders({}, now))).toBe('missing');
    expect(faultOf(() => assertWebhookHeaders(signed, now + 301_000))).toBe('expired');
  });
});
