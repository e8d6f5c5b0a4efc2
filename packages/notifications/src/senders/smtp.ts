import { createSender } from './create-sender.js';
import { missingProvider } from './missing-provider.js';
import { explainSmtpError } from './smtp-errors.js';
import type { AddressOf } from './create-sender.js';
import type { OutgoingMessage, Sender } from './sender.js';

/** The mail server, and how mail is signed. */
export interface SmtpOptions {
  /** `smtps://user:password@host:465` or `smtp://host:587`, which upgrades to TLS. */
  readonly url: string;
  /** Address that mail comes from, with or without a name: `InfraTraq <notices@example.org>`. */
  readonly from: string;
  readonly replyTo?: string;
  /** Return path of the mail with this `Message-ID`, to which bounces go; the address in `from` where it answers none. */
  readonly returnPathOf?: (messageId: string) => string | undefined;
  readonly dkim?: DkimOptions;
  /**
   * Sends nothing, not even the password, to a server that does not upgrade to TLS.
   * @default true, unless the host of an `smtp:` URL is this machine
   */
  readonly requireTls?: boolean | undefined;
  /**
   * Connections in the pool.
   * @default 5
   */
  readonly connections?: number;
  /**
   * How long the server may take to accept one mail.
   * @default 60_000
   */
  readonly timeoutMilliseconds?: number;
}

/** The key that signs mail; its public half is at `<selector>._domainkey.<domain>` in the DNS. */
export interface DkimOptions {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

/**
 * Sends email over a pool of SMTP connections. The `Message-ID` derives from the delivery: two tries are recognised as
 * one mail, and bounces name the delivery.
 *
 * @throws InfratraqError `sender.library-missing` without nodemailer
 */
export async function openSmtpSender(options: SmtpOptions): Promise<Sender> {
  const { createTransport } = await import('nodemailer').catch(missingProvider('email', 'nodemailer'));
  const { from, dkim, connections = 5, timeoutMilliseconds = 60_000 } = options;
  const { url, requireTls } = readServer(options);
  const transport = createTransport({
    url,
    requireTLS: requireTls,
    pool: true,
    maxConnections: connections,
    connectionTimeout: timeoutMilliseconds,
    greetingTimeout: timeoutMilliseconds,
    socketTimeout: timeoutMilliseconds,
    // The service decides on retries.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim && {
      dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey },
    }),
  });

  return createSender({
    provider: 'smtp',
    channel: 'email',
    async deliver(message, address) {
      const mail = composeMail(message, address, options);
      // AbortSignal.timeout would hold the mail in memory until it fires.
      const slow = new AbortController();
      const timer = setTimeout(() => slow.abort(), timeoutMilliseconds);
      try {
        const { response } = await transport.sendMail({ from, ...mail, signal: slow.signal });
        return {
          outcome: 'accepted',
          provider_message_id: mail.messageId,
          response: { reply: response.slice(0, 500) },
        };
      } finally {
        clearTimeout(timer);
      }
    },
    explain: explainSmtpError,
    release: () => transport.close(),
  });
}

/** The server's address without what it says of TLS, and whether TLS is required. */
export function readServer({ url: given, requireTls }: Pick<SmtpOptions, 'url' | 'requireTls'>): {
  readonly url: string;
  readonly requireTls: boolean;
} {
  const url = new URL(given);
  for (const name of ['requireTLS', 'ignoreTLS', 'opportunisticTLS']) url.searchParams.delete(name);
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(url.hostname);
  return { url: url.href, requireTls: url.protocol === 'smtp:' && (requireTls ?? !isHere) };
}

/** The `Message-ID` of a delivery's mail, in the domain of the sender's address. */
export function messageIdOf(deliveryId: string, from: string): string {
  const domain = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return `<${encodeURIComponent(deliveryId)}@${domain}>`;
}

/** The delivery id in a `Message-ID` made by `messageIdOf`. */
export function deliveryOfMessageId(messageId: string): string | undefined {
  const left = /^<?([\w.!~*'()%-]+)@[\w.-]+>?$/.exec(messageId.trim())?.[1];
  try {
    return left === undefined ? undefined : decodeURIComponent(left);
  } catch {
    return undefined;
  }
}

function composeMail(
  { delivery_id, title, body, html, unsubscribe_url, urgency }: OutgoingMessage,
  { email, name }: AddressOf<'email'>,
  { from, replyTo, returnPathOf }: SmtpOptions,
) {
  const messageId = messageIdOf(delivery_id, from);
  const returnPath = returnPathOf?.(messageId);
  return {
    messageId,
    ...(returnPath !== undefined && { envelope: { from: returnPath, to: email } }),
    to: name === undefined ? email : { name, address: email },
    subject: title,
    text: body,
    ...(html !== undefined && { html }),
    ...(replyTo !== undefined && { replyTo }),
    ...(urgency === 'high' && { priority: 'high' as const }),
    headers: {
      // Keeps vacation notices and other robots from answering (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      ...(unsubscribe_url !== undefined && {
        'List-Unsubscribe': `<${unsubscribe_url}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
  };
}
