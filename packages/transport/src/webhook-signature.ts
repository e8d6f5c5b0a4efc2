import { createHmac, timingSafeEqual } from 'node:crypto';
import { InfratraqError } from '@infratraq/kernel';

/** Headers of a signed webhook, as the Standard Webhooks specification names them. */
export interface WebhookHeaders {
  /** Identifies the message: the same in every attempt to deliver it. */
  readonly 'webhook-id': string;
  /** Unix time of this attempt, in seconds. */
  readonly 'webhook-timestamp': string;
  /** `v1,BASE64`; several are separated by spaces while a secret is being changed. */
  readonly 'webhook-signature': string;
}

/** Headers of a request, with names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is wrong with the signature of a webhook. */
export type WebhookFault = 'missing' | 'expired' | 'mismatch';

const toleranceMilliseconds = 5 * 60_000;
const secretPrefix = 'whsec_';
const remedies: Readonly<Record<WebhookFault, string>> = {
  missing:
    'Sign the body by the Standard Webhooks specification: webhook-id, webhook-timestamp, webhook-signature',
  expired: 'The signature is more than five minutes old or ahead; sign each attempt when it is sent',
  mismatch: 'The signature does not match the body; check the secret, and sign the bytes as they are sent',
};

/** A webhook without a valid signature: code `webhook.missing`, `webhook.expired` or `webhook.mismatch`. */
export class WebhookSignatureError extends InfratraqError {
  constructor(readonly fault: WebhookFault) {
    super(`webhook.${fault}`, remedies[fault], { status: 401 });
  }
}

/**
 * Checks what can be checked before the body has arrived: that the headers are there, well formed and recent.
 *
 * @throws WebhookSignatureError `webhook.missing`, `webhook.expired`; `webhook.mismatch` for malformed headers
 */
export function assertWebhookHeaders(headers: RequestHeaders, now = Date.now()): void {
  readHeaders(headers, now);
}

/**
 * Checks the signature of a webhook by the Standard Webhooks specification. The signature covers the bytes of the body,
 * so that a mail in any charset can be signed; the timestamp may be five minutes off.
 *
 * @param secret `whsec_` and base64, or any other text, whose bytes are the key
 * @throws WebhookSignatureError `webhook.missing`, `webhook.expired`, `webhook.mismatch`
 */
export function verifyWebhook(
  secret: string,
  headers: RequestHeaders,
  rawBody: string | Uint8Array,
  now = Date.now(),
): void {
  const { id, seconds, signatures } = readHeaders(headers, now);
  const expected = digestOf(secret, id, seconds, rawBody);
  const isGenuine = signatures
    .map((signature) => Buffer.from(signature, 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!isGenuine) throw new WebhookSignatureError('mismatch');
}

/**
 * Signs a webhook by the Standard Webhooks specification.
 *
 * @example await fetch(url, { method: 'POST', body, headers: signWebhook(secret, { id: 'msg_1', body }) });
 */
export function signWebhook(
  secret: string,
  {
    id,
    body,
    at = Date.now(),
  }: { readonly id: string; readonly body: string | Uint8Array; readonly at?: number },
): Record<keyof WebhookHeaders, string> {
  const seconds = String(Math.floor(at / 1_000));
  const signature = digestOf(secret, id, seconds, body).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}

function readHeaders(headers: RequestHeaders, now: number) {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = headers;
  if (typeof id !== 'string' || typeof seconds !== 'string' || typeof signature !== 'string')
    throw new WebhookSignatureError('missing');
  const signatures = signature.split(' ').flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? []);
  if (!/^\d{1,12}$/.test(seconds) || signatures.length === 0) throw new WebhookSignatureError('mismatch');
  if (Math.abs(now - Number(seconds) * 1_000) > toleranceMilliseconds)
    throw new WebhookSignatureError('expired');
  return { id, seconds, signatures };
}

function digestOf(secret: string, id: string, seconds: string, body: string | Uint8Array): Buffer {
  const key = secret.startsWith(secretPrefix)
    ? Buffer.from(secret.slice(secretPrefix.length), 'base64')
    : Buffer.from(secret);
  return createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest();
}
