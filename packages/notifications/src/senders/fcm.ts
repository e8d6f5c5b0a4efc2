import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import type { Message } from 'firebase-admin/messaging';
import { createSender } from './create-sender.js';
import { explainFcmError } from './fcm-errors.js';
import { fitPayload } from './fit-payload.js';
import { missingProvider } from './missing-provider.js';
import { replacementKey } from './replacement-key.js';
import type { OutgoingMessage, Sender } from './sender.js';

/** The key of a Firebase service account, as downloaded from the console. */
export interface FcmServiceAccount {
  readonly project_id: string;
  readonly client_email: string;
  readonly private_key: string;
}

/** How pushes to Android and iOS are sent. */
export interface FcmOptions {
  readonly serviceAccount: FcmServiceAccount;
  /** Carries requests through a proxy, or to another place; closed with the sender. */
  readonly agent?: Agent;
  /**
   * How long FCM holds a message without `not_after`.
   * @default 2_419_200 (four weeks, the maximum)
   */
  readonly timeToLiveSeconds?: number;
  readonly now?: () => number;
}

/** FCM takes 4,096 bytes, the names that we and it add among them. */
const maximumPayloadBytes = 3_200;
const longestTimeToLiveSeconds = 2_419_200;
const messagingScope = 'https://www.googleapis.com/auth/firebase.messaging';

/**
 * Sends pushes to Android and iOS through Firebase Cloud Messaging. A repeated try replaces the earlier one on the
 * device. The SDK itself retries four times when FCM is unavailable or breaks the connection.
 *
 * @throws InfratraqError `sender.library-missing` without firebase-admin or google-auth-library
 */
export async function openFcmSender(options: FcmOptions): Promise<Sender> {
  const missing = missingProvider('pushes through FCM', 'firebase-admin and google-auth-library');
  const { deleteApp, initializeApp } = await import('firebase-admin/app').catch(missing);
  const { getMessaging } = await import('firebase-admin/messaging').catch(missing);
  const { JWT } = await import('google-auth-library').catch(missing);
  const { serviceAccount, timeToLiveSeconds = longestTimeToLiveSeconds, now = Date.now } = options;
  const { agent = new Agent({ keepAlive: true }) } = options;
  const { project_id: projectId, client_email: email, private_key: key } = serviceAccount;
  // The SDK's own credential asks for far more scopes, and does not take its agent along to the token exchange.
  const identity = new JWT({ email, key, scopes: [messagingScope], transporterOptions: { agent } });
  const credential = {
    async getAccessToken() {
      const { access_token, expiry_date } = await identity.authorize();
      const expires_in = Math.floor(((expiry_date ?? 0) - Date.now()) / 1_000);
      return { access_token: access_token ?? '', expires_in };
    },
  };
  // Named, because the SDK keeps all of a process' apps in one list.
  const app = initializeApp({ credential, projectId, httpAgent: agent }, randomUUID());
  const messaging = getMessaging(app);

  return createSender({
    provider: 'fcm',
    channel: 'push',
    reaches: ({ target }) => target.kind === 'fcm',
    async deliver(message, { target }) {
      if (target.kind !== 'fcm') throw new TypeError('A subscription is no token');
      const name = await messaging.send(composePush(message, target.token, timeToLiveSeconds, now()));
      return { outcome: 'accepted', provider_message_id: name };
    },
    explain: (error) => explainFcmError(error, now()),
    async release() {
      await deleteApp(app);
      agent.destroy();
    },
  });
}

function composePush(message: OutgoingMessage, token: string, longestSeconds: number, now: number): Message {
  const { title, body, data, ...names } = fitPayload(message, maximumPayloadBytes);
  const isUrgent = message.urgency === 'high';
  const seconds = message.not_after
    ? Math.min(longestSeconds, Math.max(0, Math.ceil((message.not_after.getTime() - now) / 1_000)))
    : longestSeconds;
  const replaces = replacementKey(message);
  return {
    token,
    notification: { title, body },
    data: { ...names, ...(data !== undefined && { data: JSON.stringify(data) }) },
    android: {
      priority: isUrgent ? 'high' : 'normal',
      ttl: seconds * 1_000,
      notification: { tag: replaces },
    },
    apns: {
      headers: {
        'apns-priority': isUrgent ? '10' : '5',
        'apns-expiration': String(Math.floor(now / 1_000) + seconds),
        'apns-collapse-id': replaces,
      },
    },
  };
}
