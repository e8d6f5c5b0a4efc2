import { InfratraqError } from '@infratraq/kernel';
import type { ImapAddress } from './imap-url.js';

interface Fault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly tlsFailed?: boolean;
  readonly authenticationFailed?: boolean;
  readonly serverResponseCode?: unknown;
  readonly mailboxMissing?: boolean;
}

// Codes of OpenSSL and Node for certificates that are not trusted.
const certificateFault =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY|DECODE)|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)/;

/**
 * Describes a fault of a mail server, with its remedy: `mail.imap-certificate`, `mail.imap-unencrypted`,
 * `mail.imap-login`, `mail.imap-folder`, or `mail.imap-unavailable` for faults that may pass. An `InfratraqError` is
 * returned unchanged.
 */
export function describeImapFault(error: unknown, { name, path }: ImapAddress): unknown {
  if (error instanceof InfratraqError) return error;
  const { code, message, tlsFailed, authenticationFailed, serverResponseCode, mailboxMissing } =
    error as Fault;
  const says = (suffix: string, what: string) =>
    new InfratraqError(`mail.imap-${suffix}`, `The mailbox ${name} can't be read: ${what}`, {
      status: 503,
      cause: error,
    });
  if (typeof code === 'string' && certificateFault.test(code))
    return says(
      'certificate',
      `its certificate is not trusted (${code}); name its authority in NODE_EXTRA_CA_CERTS, and the host as the certificate does`,
    );
  if (tlsFailed) return says('unencrypted', 'its server does not begin TLS, and no password is sent without');
  if (authenticationFailed) return says('login', 'its server refuses user or password; check IMAP_URL');
  if (mailboxMissing || serverResponseCode === 'NONEXISTENT')
    return says('folder', `there is no folder ${path}; check IMAP_URL`);
  return says('unavailable', `${message}; it is tried again`);
}
