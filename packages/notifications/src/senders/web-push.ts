import { Agent } from 'node:https';
import { createSender } from './create-sender.js';
import { fitPayload } from './fit-payload.js';
import { replacementKey } from './replacement-key.js';
import { missingProvider } from './missing-provider.js';
import { readRetryAfter, refuse, refuseConnection } from './refuse.js';
import type { OutgoingMessage, Sender, SendOutcome } from './sender.js';

/** The keys that identify the server to push services (RFC 8292); `npx web-push generate-vapid-keys` makes a pair. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
  /** Contact for push services: `mailto:…` or `https://…`. */
  readonly subject: string;
}

/** How pushes to browsers are sent. */
export interface WebPushOptions {
  readonly vapid: VapidKeys;
  /** Carries requests through a proxy, or with certificates of your own; closed with the sender. */
  readonly agent?: Agent;
  /**
   * How long a push service holds a message without `not_after`.
   * @default 2_419_200 (four weeks, the maximum)
   */
  readonly timeToLiveSeconds?: number;
  readonly timeoutMilliseconds?: number;
  readonly now?: () => number;
}

/** The bytes that every push service takes, less header, padding and tag of the encryption (RFC 8291). */
const maximumPayloadBytes = 3_993;
const longestTimeToLiveSeconds = 2_419_200;

/**
 * Sends pushes to browsers, encrypted for the subscription. A repeated try replaces the earlier one at the push
 * service.
 *
 * @throws InfratraqError `sender.library-missing` without web-push
 */
export async function openWebPushSender(options: WebPushOptions): Promise<Sender> {
  const { default: webPush } = await import('web-push').catch(missingProvider('web pushes', 'web-push'));
  const { vapid, timeToLiveSeconds = longestTimeToLiveSeconds, now = Date.now } = options;
  const { timeoutMilliseconds = 15_000, agent = new Agent({ keepAlive: true }) } = options;

  return createSender({
    provider: 'web_push',
    channel: 'push',
    reaches: ({ target }) => target.kind === 'web',
    async deliver(message, { target }) {
      if (target.kind !== 'web') throw new TypeError('A token is no subscription');
      if (!isSubscriptionKeys(target.keys)) return refuseKeys();
      const { statusCode, headers } = await webPush.sendNotification(
        target,
        JSON.stringify(fitPayload(message, maximumPayloadBytes)),
        {
          vapidDetails: vapid,
          TTL: timeToLiveOf(message, timeToLiveSeconds, now()),
          urgency: message.urgency,
          topic: replacementKey(message),
          contentEncoding: 'aes128gcm',
          timeout: timeoutMilliseconds,
          agent,
        },
      );
      const { location } = headers as { location?: string };
      return {
        outcome: 'accepted',
        ...(location !== undefined && { provider_message_id: location }),
        response: { http_status: statusCode },
      };
    },
    explain: (error) => explainPushError(error, now()),
    release: () => agent.destroy(),
  });
}

function timeToLiveOf({ not_after }: OutgoingMessage, longest: number, now: number): number {
  if (!not_after) return longest;
  return Math.min(longest, Math.max(0, Math.ceil((not_after.getTime() - now) / 1_000)));
}

/** Whether the keys of a subscription are valid: a point of P-256 and a secret of 16 bytes. */
export function isSubscriptionKeys({ p256dh, auth }: { p256dh: string; auth: string }): boolean {
  const point = Buffer.from(p256dh, 'base64url');
  return point.length === 65 && point[0] === 4 && Buffer.from(auth, 'base64url').length === 16;
}

function refuseKeys(): SendOutcome {
  return refuse('rejected', {
    code: 'subscription.invalid',
    message: 'The keys of this subscription are not valid',
    addressGone: true,
  });
}

function explainPushError(error: unknown, now: number): SendOutcome | undefined {
  const { statusCode, headers, body } = error as {
    statusCode?: number;
    headers?: Record<string, unknown>;
    body?: string;
  };
  if (statusCode === undefined) return refuseConnection(error);
  const refusal = {
    code: statusCode,
    message: body?.trim() || `The push service answered ${statusCode}`,
    retryAfterSeconds: readRetryAfter(headers?.['retry-after'], now),
    response: { http_status: statusCode },
  };
  if (statusCode === 429) return refuse('throttled', refusal);
  // 401 and 403 refuse our keys, not this message; an operator can fix that.
  if (statusCode >= 500 || statusCode === 401 || statusCode === 403) return refuse('unreachable', refusal);
  return refuse('rejected', { ...refusal, addressGone: statusCode === 404 || statusCode === 410 });
}
