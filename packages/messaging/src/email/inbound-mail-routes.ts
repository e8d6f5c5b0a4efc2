import { InfratraqError, InvalidInputError, runAsActor } from '@infratraq/kernel';
import { UnauthenticatedError } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { FastifyRequest } from 'fastify';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { EmailHistory } from './email-history.js';
import { mailLimits } from './mail-limits.js';

/** What the route works with. */
export interface InboundMailRoutesOptions {
  readonly emails: EmailHistory;
  /** Shared with whoever hands mail over: sent as it is in `x-mail-token`, or used to sign. */
  readonly secret: string;
  /** The largest mail that is taken; 25 MiB when absent. */
  readonly maximumBytes?: number;
  readonly now?: () => Date;
}

const defaultBytes = 25 * 1024 * 1024;
const signedForMilliseconds = 5 * 60_000;

const headers = z.object({
  'x-mail-token': z.string().optional().describe('The shared secret'),
  'x-mail-signature': z
    .string()
    .optional()
    .describe('`t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.` and the body, under the shared secret'),
  'x-mail-recipient': z
    .string()
    .max(mailLimits.addressCharacters)
    .optional()
    .describe('To whom it was handed over'),
});

/**
 * Takes mail from a mail server or provider: the body is the mail as it came (RFC 5322). Handing one over again changes
 * nothing, so that whoever got no answer tries again.
 */
export const inboundMailRoutes = defineRoutes<InboundMailRoutesOptions>(
  async (app, { emails, secret, maximumBytes = defaultBytes, now = () => new Date() }) => {
    const bodyLimit = Math.min(maximumBytes, mailLimits.rawBytes);
    // In this plugin alone: elsewhere a body is never taken unread.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    );

    app.post(
      '/hooks/mail/inbound',
      {
        config: { public: true },
        bodyLimit,
        // Who shows neither secret nor signature does not get to send a body.
        onRequest: async (request) => admit(request, secret, now()),
        schema: {
          summary: 'Hand over a mail as it came (RFC 5322)',
          tags: ['hooks'],
          headers,
          response: {
            200: z.object({ email_id: z.string(), is_new: z.literal(false) }).describe('It was kept already'),
            201: z.object({ email_id: z.string(), is_new: z.literal(true) }).describe('It is kept'),
          },
        },
      },
      async (request, reply) => {
        const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        verify(request, raw, secret);
        if (raw.length === 0)
          throw new InvalidInputError('Send the mail as the body', { code: 'mail.empty' });
        const recipient = request.headers['x-mail-recipient'];
        const { mail, is_new } = await runAsActor(
          { user_id: 'mail', roles: [], cause_id: request.actor.cause_id },
          () =>
            emails.receive({
              raw,
              mailbox: emails.addressing.mailbox,
              ...(typeof recipient === 'string' && { recipients: [recipient] }),
            }),
        );
        const email_id = mail._id.toHexString();
        return is_new
          ? reply.status(201).send({ email_id, is_new: true })
          : reply.status(200).send({ email_id, is_new: false });
      },
    );
  },
);

/** Refuses what is known to be refused before the mail has come. */
function admit({ headers: given }: FastifyRequest, secret: string, now: Date): void {
  if (hasToken(given, secret)) return;
  const { seconds } = readSignature(given);
  if (Math.abs(now.getTime() - Number(seconds) * 1_000) > signedForMilliseconds)
    throw new InfratraqError(
      'mail.signature-expired',
      'Sign the mail when it is sent; this was signed too long ago',
      { status: 401 },
    );
}

function verify({ headers: given }: FastifyRequest, raw: Buffer, secret: string): void {
  if (hasToken(given, secret)) return;
  const { seconds, mac } = readSignature(given);
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(raw).digest('hex');
  if (!isEqual(mac, expected)) throw wrongSignature();
}

function hasToken({ 'x-mail-token': token }: FastifyRequest['headers'], secret: string): boolean {
  return typeof token === 'string' && isEqual(token, secret);
}

function readSignature({ 'x-mail-signature': signature }: FastifyRequest['headers']) {
  if (typeof signature !== 'string')
    throw new UnauthenticatedError(
      'Send the shared secret in x-mail-token, or sign with it in x-mail-signature',
    );
  const [, seconds, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (seconds === undefined || mac === undefined) throw wrongSignature();
  return { seconds, mac };
}

function wrongSignature(): InfratraqError {
  return new InfratraqError('mail.signature', 'The signature does not fit the mail', { status: 401 });
}

// Digests are of one length, whatever was sent.
function isEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
