import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, type ECDH } from 'node:crypto';
import { Agent } from 'node:https';
import { jwtVerify } from 'jose';
import { makeCertificate } from './make-certificate.js';
import {
  startProviderServer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
} from './provider-server.js';

/** What a push service may say, besides taking the push. */
export type PushTrouble = 'rejected' | 'address_gone' | 'expired' | 'throttled' | 'unreachable';

/** A browser that has subscribed. */
export interface Browser {
  readonly target: {
    readonly kind: 'web';
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  /** What its service worker got: decrypted, in the order of arrival, less what a later push replaced. */
  readonly received: { readonly text: string; readonly headers: ProviderRequest['headers'] }[];
}

/** A push service as RFC 8030, 8188, 8291 and 8292 describe it. */
export interface PushService extends ProviderServer {
  readonly origin: string;
  /** Trusts the service's certificate. */
  createAgent(): Agent;
  subscribe(): Browser;
  trouble?: PushTrouble | undefined;
}

/** Starts a push service that knows one application server. */
export async function startPushService(vapidPublicKey: string): Promise<PushService> {
  const certificate = makeCertificate(['push.example']);
  const subscriptions = new Map<string, { keys: ECDH; auth: Buffer; browser: Browser }>();
  const server = await startProviderServer((request) => answer(request), certificate);
  const origin = `https://127.0.0.1:${server.port}`;
  const service: PushService = {
    ...server,
    origin,
    createAgent: () => new Agent({ ca: certificate.cert, keepAlive: true }),
    subscribe() {
      const keys = createECDH('prime256v1');
      const p256dh = keys.generateKeys().toString('base64url');
      const auth = randomBytes(16);
      const path = `/push/${randomBytes(24).toString('base64url')}`;
      const browser: Browser = {
        target: {
          kind: 'web',
          endpoint: origin + path,
          keys: { p256dh, auth: auth.toString('base64url') },
        },
        received: [],
      };
      subscriptions.set(path, { keys, auth, browser });
      return browser;
    },
  };

  async function answer({ method, url, headers, body }: ProviderRequest): Promise<ProviderAnswer> {
    if (method !== 'POST') return { status: 405 };
    if (service.trouble === 'unreachable') return { status: 503, headers: { 'retry-after': '5' } };
    const refusal = await refuseSender(headers, vapidPublicKey, origin);
    if (refusal !== undefined) return { status: 401, body: refusal };
    const subscription = subscriptions.get(url.pathname);
    if (service.trouble === 'expired' || !subscription)
      return { status: 404, body: 'push subscription not found' };
    if (service.trouble === 'address_gone')
      return { status: 410, body: 'push subscription has unsubscribed or expired.' };
    if (service.trouble === 'throttled')
      return { status: 429, headers: { 'retry-after': '7' }, body: 'too many pushes' };
    if (service.trouble === 'rejected') return { status: 400, body: 'bad request' };
    if (!/^\d+$/.test(String(headers.ttl))) return { status: 400, body: 'TTL header is missing' };
    if (body.length > 4_096) return { status: 413, body: 'payload is larger than 4096 bytes' };
    if (headers['content-encoding'] !== 'aes128gcm') return { status: 415, body: 'aes128gcm only' };
    const text = decryptPush(body, subscription.keys, subscription.auth);
    const { received } = subscription.browser;
    // A topic replaces what waits under the same one (RFC 8030, 5.4).
    const replaced = received.findIndex((push) => push.headers.topic === headers.topic);
    if (headers.topic !== undefined && replaced !== -1) received.splice(replaced, 1);
    received.push({ text, headers });
    return {
      status: 201,
      headers: { location: `${origin}/message/${randomBytes(12).toString('base64url')}` },
    };
  }
  return service;
}

/** Checks who sends (RFC 8292), and says what is wrong. */
async function refuseSender(
  { authorization }: ProviderRequest['headers'],
  publicKey: string,
  origin: string,
): Promise<string | undefined> {
  const [, token, key] = /^vapid t=([^,\s]+),\s*k=([^,\s]+)$/.exec(authorization ?? '') ?? [];
  if (token === undefined || key === undefined) return 'no VAPID authorization';
  if (key !== publicKey) return 'this key has not subscribed';
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', x: x as string, y: y as string };
  const verifying = createPublicKey({ key: jwk, format: 'jwk' });
  try {
    const { payload } = await jwtVerify(token, verifying, { algorithms: ['ES256'], audience: origin });
    const seconds = (payload.exp ?? 0) - Date.now() / 1_000;
    if (seconds <= 0 || seconds > 86_400) return 'exp is not within 24 hours';
    if (!/^(mailto:|https:)/.test(payload.sub ?? '')) return 'sub is no address';
    return undefined;
  } catch (error) {
    return `the token is not valid: ${(error as Error).message}`;
  }
}

/** Decrypts a push as a browser does (RFC 8291 over one record of RFC 8188). */
function decryptPush(body: Buffer, keys: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const senderKeyLength = body.readUInt8(20);
  const senderKey = body.subarray(21, 21 + senderKeyLength);
  const record = body.subarray(21 + senderKeyLength);
  if (record.length > body.readUInt32BE(16)) throw new Error('A push is one record');
  const shared = keys.computeSecret(senderKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', shared, auth, info, 32));
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // The last record ends in 2 and zeros.
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error('The padding is not that of a last record');
  return padded.subarray(0, end).toString();
}
