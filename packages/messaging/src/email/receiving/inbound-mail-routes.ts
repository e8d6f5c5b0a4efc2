import { InfratraqError, InvalidInputError, runAsActor } from '@infratraq/kernel';
import { UnauthenticatedError } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import {
  assertWebhookHeaders,
  verifyWebhook,
  WebhookSignatureError,
  type WebhookFault,
} from '@infratraq/transport/webhook-signature';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { EmailHistory } from '../email-history.js';
import { mailLimits } from '../parsing/mail-limits.js';
import { HeldBodies } from './held-bodies.js';

/** Email history, and the secret that mail servers show. */
export interface InboundMailRoutesOptions {
  readonly emails: EmailHistory;
  /** Shared with the mail server: sent as it is in `x-mail-token`, or the key of its signatures (Standard Webhooks). */
  readonly secret: string;
  /** Size limit of a mail. @default 25 MiB */
  readonly maximumBytes?: number;
  readonly now?: () => Date;
}

const defaultBytes = 25 * 1024 * 1024;
/** How much is held at once of mails, from their first byte until they are kept. */
const trustedBytes = 32 * 1024 * 1024;
/** The same of mails whose signatures are still to be checked, which needs the whole mail. */
const unverifiedBytes = 25 * 1024 * 1024;

const headers = z.object({
  'x-mail-token': z.string().optional().describe('The shared secret'),
  'webhook-id': z.string().max(200).optional().describe('Standard Webhooks: the same in every attempt'),
  'webhook-timestamp': z.string().optional().describe('Standard Webhooks: Unix time in seconds'),
  'webhook-signature': z
    .string()
    .optional()
    .describe('Standard Webhooks: `v1,BASE64`, HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the shared secret'),
  'x-mail-recipient': z
    .string()
    .max(mailLimits.addressCharacters)
    .optional()
    .describe('To whom it was handed over'),
});

/**
 * Takes mail from a mail server or provider: the body is the mail as it came (RFC 5322). A mail that is handed over
 * again is kept once, so a request that got no answer can be repeated.
 */
export const inboundMailRoutes = defineRoutes<InboundMailRoutesOptions>(
  async (app, { emails, secret, maximumBytes = defaultBytes, now = () => new Date() }) => {
    const bodyLimit = Math.min(maximumBytes, mailLimits.rawBytes);
    // In this plugin alone: elsewhere a body is never taken unread.
    app.removeAllContentTypeParsers();
    const trusted = new HeldBodies({ bytesAtOnce: trustedBytes, bytesOfOne: bodyLimit });
    // A budget of their own: bodies that are refused in the end keep nobody out who has the secret.
    const unverified = new HeldBodies({ bytesAtOnce: unverifiedBytes, bytesOfOne: bodyLimit });
    const holderOf = ({ headers: given }: FastifyRequest) => (hasToken(given, secret) ? trusted : unverified);
    app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) =>
      holderOf(request).read(payload),
    );
    app.addHook('onResponse', async (request) => {
      if (Buffer.isBuffer(request.body)) holderOf(request).release(request.body);
    });

    app.post(
      '/hooks/mail/inbound',
      {
        config: { public: true, errors: [413, 503] },
        bodyLimit,
        // Without secret or signature no body is read.
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
        verify(request, raw, secret, now());
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

/** Refuses a request that shows neither secret nor recent signature before its body has come. */
function admit({ headers: given }: FastifyRequest, secret: string, now: Date): void {
  if (!hasToken(given, secret)) refuseFaults(() => assertWebhookHeaders(given, now.getTime()));
}

function verify({ headers: given }: FastifyRequest, raw: Buffer, secret: string, now: Date): void {
  if (!hasToken(given, secret)) refuseFaults(() => verifyWebhook(secret, given, raw, now.getTime()));
}

function hasToken({ 'x-mail-token': token }: FastifyRequest['headers'], secret: string): boolean {
  return typeof token === 'string' && isEqual(token, secret);
}

const refusals: Readonly<Record<WebhookFault, () => InfratraqError>> = {
  missing: () =>
    new UnauthenticatedError(
      'Send the shared secret in x-mail-token, or sign the mail with it (Standard Webhooks)',
    ),
  expired: () =>
    new InfratraqError('mail.signature-expired', 'The signature is more than five minutes old; sign again', {
      status: 401,
    }),
  mismatch: () =>
    new InfratraqError('mail.signature', 'The signature does not match the mail', { status: 401 }),
};

function refuseFaults(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof WebhookSignatureError ? refusals[error.fault]() : error;
  }
}

// Digests have one length, whatever was sent.
function isEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
