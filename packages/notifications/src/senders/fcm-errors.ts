import { readRetryAfter, refuse, refuseConnection } from './refuse.js';
import type { SendOutcome } from './sender.js';

interface FcmError {
  readonly code?: unknown;
  readonly message: string;
  readonly httpResponse?: { readonly status: number; readonly headers: Readonly<Record<string, unknown>> };
}

const gone = new Set(['registration-token-not-registered', 'installation-id-not-registered']);
const throttling = new Set([
  'message-rate-exceeded',
  'device-message-rate-exceeded',
  'topics-message-rate-exceeded',
]);
const unreachable = new Set([
  'server-unavailable',
  'internal-error',
  'unknown-error',
  // Our account or its key, which an operator can fix.
  'authentication-error',
  'third-party-auth-error',
]);

/** The outcome of an error of firebase-admin, by its code. */
export function explainFcmError(error: unknown, now: number): SendOutcome | undefined {
  const { code, message, httpResponse } = error as FcmError;
  const [, area, kind] = /^(app|messaging)\/([\w-]+)$/.exec(String(code)) ?? [];
  if (area === undefined || kind === undefined) return refuseConnection(error);
  const status = httpResponse?.status;
  const refusal = {
    code: kind,
    message,
    retryAfterSeconds: readRetryAfter(httpResponse?.headers['retry-after'], now),
    ...(status !== undefined && { response: { http_status: status } }),
  };
  // Of the app: no network, or no access token for our key.
  if (area === 'app' || unreachable.has(kind)) return refuse('unreachable', refusal);
  if (throttling.has(kind)) return refuse('throttled', refusal);
  return refuse('rejected', { ...refusal, addressGone: gone.has(kind) });
}
