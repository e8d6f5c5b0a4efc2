import { refuse, refuseConnection } from './refuse.js';
import type { SendOutcome } from './sender.js';

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly message: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** Enhanced status codes (RFC 3463, RFC 7505) of a mailbox or a domain that does not exist. */
const goneStatuses = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);

/** Whether an enhanced status code says that the address does not exist any more. */
export function isGoneStatus(status: string): boolean {
  return goneStatuses.has(status);
}

/** The outcome of an error of nodemailer, by the server's reply where there is one. */
export function explainSmtpError(error: unknown): SendOutcome | undefined {
  const { code = '', command = '', message, response, responseCode } = error as SmtpError;
  if (code === 'ETLS') return refuse('unreachable', { code, message: `${noTls}: ${response ?? message}` });
  if (responseCode === undefined) {
    // nodemailer itself rejects a malformed address.
    if (code === 'EENVELOPE') return refuse('rejected', { code, message, addressGone: true });
    if (transportFaults.has(code)) return refuse('unreachable', { code, message });
    return refuseConnection(error);
  }
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(response ?? '')?.[1];
  const refusal = {
    code: status === undefined ? responseCode : `${responseCode} ${status}`,
    message: response ?? message,
    response: { reply_code: responseCode, ...(status !== undefined && { status }) },
  };
  // 421 closes the connection: by policy (4.7), or because the server shuts down.
  if (responseCode === 421) return refuse(status?.startsWith('4.7') ? 'throttled' : 'unreachable', refusal);
  // The server refuses us, not this mail (a wrong password, a blocked address). An operator can fix that.
  const isAboutUs = code === 'EAUTH' || code === 'ENOAUTH' || command === 'CONN';
  if (isAboutUs || responseCode === 503) return refuse('unreachable', refusal);
  if (responseCode < 500) return refuse('throttled', refusal);
  return refuse('rejected', { ...refusal, addressGone: status !== undefined && isGoneStatus(status) });
}

const noTls =
  'The mail server does not upgrade to TLS (STARTTLS), which is required; use smtps://, or turn requireTls off where ' +
  'nobody can listen between';

const transportFaults = new Set([
  'ECONNECTION',
  'ESOCKET',
  'EDNS',
  'EREQUIRETLS',
  'EPROTOCOL',
  'ESTREAM',
  'EABORT',
  'EAUTH',
  'ENOAUTH',
  'EOAUTH2',
  'EMAXLIMIT',
  'EPROXY',
]);
