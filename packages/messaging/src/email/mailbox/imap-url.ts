import { InvalidInputError } from '@infratraq/kernel';

/** A mailbox on a mail server. */
export interface ImapAddress {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; without it, TLS is begun where the server can, and demanded off this machine. */
  readonly secure: boolean;
  readonly user: string;
  readonly password: string;
  readonly path: string;
  /** Names the mailbox without its password. */
  readonly name: string;
}

/**
 * Reads `imaps://user:password@host/INBOX`; user and password are percent-encoded, the folder is INBOX when absent.
 * @throws InvalidInputError `mail.imap-url`
 */
export function readImapUrl(url: string): ImapAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const secure = parsed?.protocol === 'imaps:';
  if (!parsed || !(secure || parsed.protocol === 'imap:') || !parsed.hostname || !parsed.username)
    throw new InvalidInputError('Give the mailbox as imaps://user:password@host/INBOX', {
      code: 'mail.imap-url',
    });
  const user = decodeURIComponent(parsed.username);
  const path = decodeURIComponent(parsed.pathname.slice(1)) || 'INBOX';
  const port = Number(parsed.port) || (secure ? 993 : 143);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port,
    secure,
    user,
    password: decodeURIComponent(parsed.password),
    path,
    name: `${user}@${host}:${port}/${path}`,
  };
}
