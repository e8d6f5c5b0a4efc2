import { readRetryAfter, refuse, refuseConnection } from './refuse.js';
import type { SendOutcome } from './sender.js';

/** An error response of Twilio, with the headers that say when to retry. */
export class TwilioRefusal extends Error {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, unknown>>,
    readonly body: unknown,
  ) {
    super(`Twilio answered ${status}`);
  }
}

/**
 * Codes of numbers that take no more messages: invalid, not mobile, unknown to the carrier, or opted out by STOP.
 */
const goneCodes = new Set([21211, 21214, 21217, 21610, 21614, 30005, 30006]);
/** Too many messages for the account, the number or the queue. */
const throttlingCodes = new Set([14107, 20429, 21611, 30001, 30022]);
/** The account or its key is wrong; an operator can fix that. */
const accountCodes = new Set([20003, 20005, 20006, 20008]);

/** Whether a code of Twilio says that the number takes no more messages. */
export function isGoneNumber(code: number): boolean {
  return goneCodes.has(code);
}

/** The outcome of an error of Twilio, by its code, else by its status. */
export function explainTwilioError(error: unknown, now: number): SendOutcome | undefined {
  if (!(error instanceof TwilioRefusal)) return refuseConnection(error);
  const { status, headers } = error;
  const { code, message } = (typeof error.body === 'object' ? error.body : {}) as {
    code?: number;
    message?: string;
  };
  const refusal = {
    code: code ?? status,
    message: message ?? error.message,
    retryAfterSeconds: readRetryAfter(headers['retry-after'], now),
    response: { http_status: status, ...(code !== undefined && { code }) },
  };
  if (status === 429 || (code !== undefined && throttlingCodes.has(code)))
    return refuse('throttled', refusal);
  if (status >= 500 || status === 401 || (code !== undefined && accountCodes.has(code)))
    return refuse('unreachable', refusal);
  return refuse('rejected', { ...refusal, addressGone: code !== undefined && isGoneNumber(code) });
}
