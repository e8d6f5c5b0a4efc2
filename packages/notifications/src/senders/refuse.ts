import { redactText } from '@infratraq/kernel';
import type { SendOutcome } from './sender.js';

/** Why a provider did not take a message. */
export interface Refusal {
  readonly code: string | number;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly addressGone?: boolean;
  readonly response?: Readonly<Record<string, unknown>>;
}

/** The outcome of a refusal; secrets in the provider's message are redacted. */
export function refuse(
  outcome: Exclude<SendOutcome['outcome'], 'accepted'>,
  { code, message, retryAfterSeconds, addressGone, response }: Refusal,
): SendOutcome {
  const described = {
    error_code: String(code).slice(0, 100),
    error_message: redactText(message.replace(/\s+/g, ' ')).slice(0, 500),
    ...(response && { response }),
  };
  if (outcome === 'rejected')
    return { outcome, ...described, ...(addressGone === true && { address_gone: true }) };
  return {
    outcome,
    ...described,
    ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
  };
}

/** Seconds to wait by a `Retry-After` header, which is a number of seconds or a date. */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' && typeof header !== 'number') return undefined;
  const text = String(header).trim();
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
}

/** The outcome of a connection error (network, DNS, TLS, timeout); undefined for any other error. */
export function refuseConnection(error: unknown): SendOutcome | undefined {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || name === 'AbortError') return refuse('unreachable', { code: name, message });
  if (typeof code !== 'string' || !connectionFaults.test(code)) return undefined;
  return refuse('unreachable', { code, message: message || code });
}

// Node's codes of network, DNS and TLS errors and of timeouts.
const connectionFaults =
  /^(E(CONN\w+|TIMEDOUT|PIPE|HOST\w+|NET\w+|ADDR\w+|NOTFOUND|AI_\w+|PROTO)|ERR_(TLS|SSL|CANCELED|NETWORK|BAD_RESPONSE)\w*|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HPE_\w+|UND_ERR_\w+)$/;
