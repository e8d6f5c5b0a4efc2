import {
  backOffMilliseconds,
  InfratraqError,
  NotFoundError,
  warnOfError,
  type ReportError,
} from '@infratraq/kernel';
import type { ImapFlow } from 'imapflow';
import { setTimeout as wait } from 'node:timers/promises';
import { describeImapFault } from './imap-faults.js';
import { readImapUrl, type ImapAddress } from './imap-url.js';
import { mailLimits } from '../parsing/mail-limits.js';
import type { MailboxPositions } from './mailbox-positions.js';
import type { InboundMail } from '../receiving/receive-mail.js';

/** A mailbox, and where its mails go. */
export interface WatchMailboxOptions {
  /** `imaps://user:password@host/INBOX` */
  readonly url: string;
  /** Address of the mailbox. */
  readonly mailbox: string;
  readonly positions: MailboxPositions;
  /** Stores a mail. Storing it again must change nothing. */
  readonly receive: (mail: InboundMail) => Promise<unknown>;
  /** Trusted certificate authorities, as PEM. @default those that Node trusts */
  readonly certificateAuthorities?: string;
  /**
   * Receives why the mailbox could not be read, with a stable code: `mail.imap-certificate`,
   * `mail.imap-unencrypted`, `mail.imap-login`, `mail.imap-folder`, `mail.imap-unavailable`. It is made again by itself.
   */
  readonly onError?: ReportError;
}

/** A mailbox that is being watched. */
export interface WatchedMailbox {
  /** Finishes the mail at hand and ends the connection. */
  close(): Promise<void>;
}

const pauses = { firstMilliseconds: 500, longestMilliseconds: 60_000 };
// Address translators forget quiet connections; servers end them after 29 minutes.
const idleMilliseconds = 4 * 60_000;

/**
 * Reads a mailbox and follows it (IDLE). Mails stay as they are; unread ones stay unread. The position is stored in
 * `positions` after each mail, so that a lost connection or process loses none. Mails may be read again, after a crash or
 * when the server renumbers them: `receive` must recognise them.
 *
 * @throws InfratraqError `mail.imap-missing` without imapflow; InvalidInputError `mail.imap-url`
 */
export async function watchMailbox(options: WatchMailboxOptions): Promise<WatchedMailbox> {
  const address = readImapUrl(options.url);
  const library = await import('imapflow').catch((cause: unknown) => {
    throw new InfratraqError('mail.imap-missing', 'Install imapflow to read mailboxes by IMAP', { cause });
  });
  const ending = new AbortController();
  const open = () => createClient(library.ImapFlow, address, options.certificateAuthorities);
  const watching = watch(options, address, open, ending.signal);
  return {
    async close() {
      ending.abort();
      await watching;
    },
  };
}

function createClient(Client: typeof ImapFlow, address: ImapAddress, ca: string | undefined): ImapFlow {
  const { host, port, secure, user, password: pass } = address;
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(host);
  return new Client({
    host,
    port,
    secure,
    auth: { user, pass },
    logger: false,
    disableAutoIdle: true,
    // A password is never sent in the clear over a network.
    ...(!secure && !isLocal && { doSTARTTLS: true }),
    ...(ca !== undefined && { tls: { ca } }),
    maxIdleTime: idleMilliseconds,
  });
}

async function watch(
  options: WatchMailboxOptions,
  address: ImapAddress,
  open: () => ImapFlow,
  signal: AbortSignal,
): Promise<void> {
  const report = options.onError ?? warnOfError;
  let failures = 0;
  while (!signal.aborted) {
    const client = open();
    // A connection that breaks while nothing is asked breaks no command that could say so.
    let broken: Error | undefined;
    client.on('error', (error) => (broken = error));
    const end = () => client.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      await client.connect();
      await follow(options, address, client, signal, () => (failures = 0));
      throw broken ?? new Error('Its server ended the connection');
    } catch (error) {
      if (!signal.aborted) report(describeImapFault(error, address), `reading the mailbox ${address.name}`);
    } finally {
      signal.removeEventListener('abort', end);
      client.close();
    }
    // The timer is ended by the signal, and then there is nothing left to wait for.
    failures += 1;
    await wait(backOffMilliseconds(failures, pauses), undefined, { signal }).catch(() => undefined);
  }
}

async function follow(
  options: WatchMailboxOptions,
  { path, name }: ImapAddress,
  client: ImapFlow,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const box = await client.mailboxOpen(path, { readOnly: true });
  const uid_validity = String(box.uidValidity);
  const kept = await options.positions.read(name);
  let last_uid = kept?.uid_validity === uid_validity ? kept.last_uid : 0;
  let hasNews = true;
  let wake = () => undefined as void;
  client.on('exists', () => {
    hasNews = true;
    wake();
  });
  client.on('close', () => wake());
  while (!signal.aborted && client.usable) {
    if (!hasNews) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      // The client's own errors report a broken connection. Some servers announce no mail, so each turn looks for some.
      await Promise.race([woken, client.idle().catch(() => undefined)]);
    }
    hasNews = false;
    const found = (await client.search({ uid: `${last_uid + 1}:*` }, { uid: true })) || [];
    // A range that ends in * always includes the last mail, even one that was read before.
    for (const uid of found.filter((one) => one > last_uid).toSorted((left, right) => left - right)) {
      if (signal.aborted) return;
      await receive(options, client, uid);
      last_uid = uid;
      await options.positions.write(name, { uid_validity, last_uid });
      onProgress();
    }
  }
}

async function receive(
  { mailbox, receive: keep }: WatchMailboxOptions,
  client: ImapFlow,
  uid: number,
): Promise<void> {
  const wanted = { size: true, internalDate: true };
  const about = await client.fetchOne(String(uid), wanted, { uid: true });
  // The mail was removed in the meantime.
  if (!about) return;
  const { size = 0, internalDate } = about;
  const isLarge = size > mailLimits.rawBytes;
  const source = isLarge ? { start: 0, maxLength: mailLimits.headerBytes } : true;
  const message = await client.fetchOne(String(uid), { source }, { uid: true });
  if (!message || !message.source) return;
  const { source: head } = message;
  const open = async () => {
    const { content } = await client.download(String(uid), undefined, { uid: true });
    if (!content) throw new NotFoundError('The mail was removed while it was read', 'mail.gone');
    return content;
  };
  await keep({
    raw: isLarge ? { head, size_bytes: size, open } : head,
    mailbox,
    ...(internalDate !== undefined && { received_at: new Date(internalDate) }),
  });
}
