import type { Dovecot } from '@infratraq/engines';
import type { MailboxPosition, MailboxPositions } from '../email/mailbox/mailbox-positions.js';
import { ImapFlow } from 'imapflow';
import { headersOf } from './use-email-history.js';

/** Keeps positions as PostgreSQL does, without its server. */
export class HeldPositions implements MailboxPositions {
  readonly held = new Map<string, MailboxPosition>();
  async read(name: string) {
    return this.held.get(name);
  }
  async write(name: string, position: MailboxPosition) {
    this.held.set(name, position);
  }
}

/** Connects to a mailbox as another mail program does. */
export async function connectImap({ url, port, user, password: pass, certificate: ca }: Dovecot) {
  const { hostname: host, protocol } = new URL(url);
  const client = new ImapFlow({
    host,
    port,
    secure: protocol === 'imaps:',
    auth: { user, pass },
    logger: false,
    ...(ca !== undefined && { tls: { ca } }),
  });
  await client.connect();
  return client;
}

/** Puts mails into a mailbox. */
export async function appendMails(dovecot: Dovecot, ids: readonly string[], bytes = 10): Promise<void> {
  const client = await connectImap(dovecot);
  for (const id of ids)
    await client.append('INBOX', [...headersOf(id), '', 'x'.repeat(bytes), ''].join('\r\n'), []);
  await client.logout();
}
