import { ForbiddenError, NotFoundError } from '@infratraq/kernel';
import { timestamp, type Routes } from '@infratraq/transport';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { missingProvider } from '../senders/missing-provider.js';
import type { ProviderReport } from '../senders/sender.js';
import { isGoneStatus } from '../senders/smtp-errors.js';
import { hookSignatureHeader, verifyHook } from './hook-signature.js';
import { describeTwilioStatus, type TwilioStatusForm } from './twilio-status.js';
import type { UnsubscribeLinks } from './unsubscribe-links.js';
import { unsubscribedPage, unsubscribePage } from './unsubscribe-page.js';

export { hookSignatureHeader, signHook } from './hook-signature.js';
export { parseDeliveryStatus } from './delivery-status.js';
export { createUnsubscribeLinks, type UnsubscribeLinks } from './unsubscribe-links.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, where a signature is over it. */
    signedBody?: Buffer;
  }
}

/** What callbacks lead to, and what they are checked with; a part that is absent has no routes. */
export interface NotificationHooksOptions {
  /** Takes in what a provider says; the same report may come again. Throws when it could not, and is asked again. */
  readonly report: (report: ProviderReport) => Promise<void>;
  readonly twilio?: {
    readonly authToken: string;
    /** Scheme and host as Twilio calls them, and what a proxy strips of the path: `https://infra.example`. */
    readonly publicUrl: string;
  };
  readonly mail?: { readonly secret: string };
  readonly unsubscribe?: {
    readonly links: UnsubscribeLinks;
    readonly mute: (userId: string, type: string) => Promise<void>;
  };
  readonly now?: () => number;
}

/** Serves what providers and mail programs call: status callbacks, bounces, one-click unsubscribing (RFC 8058). */
export const notificationHooks: Routes<NotificationHooksOptions> = async (
  app,
  { report, twilio, mail, unsubscribe, now = Date.now },
) => {
  keepSignedBodies(app);
  if (twilio) await app.register(twilioHooks, { report, twilio, now });
  if (mail) await app.register(mailHooks, { report, mail, now });
  if (unsubscribe) await app.register(unsubscribeHooks, unsubscribe);
};

type Wired<Part extends 'twilio' | 'mail'> = Required<
  Pick<NotificationHooksOptions, 'report' | 'now' | Part>
>;

const twilioHooks: Routes<Wired<'twilio'>> = async (
  app,
  { report, twilio: { authToken, publicUrl }, now },
) => {
  const { default: twilio } = await import('twilio').catch(missingProvider('text messages', 'twilio'));
  app.post(
    '/hooks/twilio/status',
    {
      config: { public: true },
      schema: {
        summary: 'Take in what Twilio says of a message',
        tags: ['hooks'],
        consumes: ['application/x-www-form-urlencoded'],
        querystring: z.record(z.string(), z.string()),
        body: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
        response: { 204: z.null().describe('Taken in; the same again changes nothing') },
      },
      preValidation: async (request) => {
        const signature = String(request.headers['x-twilio-signature'] ?? '');
        const form = (request.body ?? {}) as TwilioStatusForm;
        if (!twilio.validateRequest(authToken, signature, publicUrl + request.url, form))
          throw new ForbiddenError('This is not signed with the account’s token', 'hook.signature');
      },
    },
    async (request, reply) => {
      const token = request.headers['i-twilio-idempotency-token'];
      const eventId = typeof token === 'string' ? token : undefined;
      const told = describeTwilioStatus(request.body, eventId, new Date(now()));
      if (told) await report(told);
      return reply.status(204).send(null);
    },
  );
};

const bounceSchema = z.strictObject({
  event_id: z.string().min(1).max(200).describe('The same for the same event, however often it is sent'),
  message_id: z.string().min(3).max(500).describe('Message-ID of the mail'),
  kind: z.enum(['delivered', 'bounced', 'failed']),
  status: z
    .string()
    .regex(/^\d\.\d{1,3}\.\d{1,3}$/)
    .optional()
    .describe('Enhanced status code (RFC 3463)'),
  reason: z.string().max(2_000).optional(),
  at: timestamp,
});

const mailHooks: Routes<Wired<'mail'>> = async (app, { report, mail: { secret }, now }) => {
  const verify = async ({ signedBody = Buffer.alloc(0), headers }: FastifyRequest) =>
    verifyHook(secret, signedBody, headers[hookSignatureHeader], now());
  app.post(
    '/hooks/mail/bounce',
    {
      config: { public: true },
      schema: {
        summary: 'Take in what became of a mail',
        description: `Signed in \`${hookSignatureHeader}: t=SECONDS,v1=HEX\`, HMAC-SHA256 over \`SECONDS.BODY\`.`,
        tags: ['hooks'],
        body: bounceSchema,
        response: { 204: z.null().describe('Taken in; the same again changes nothing') },
      },
      preValidation: verify,
    },
    async ({ body: { event_id, message_id, kind, status, reason, at } }, reply) => {
      await report({
        provider: 'smtp',
        provider_message_id: message_id.startsWith('<') ? message_id : `<${message_id}>`,
        state: kind,
        at,
        provider_event_id: event_id,
        ...(status !== undefined && { error_code: status }),
        ...(reason !== undefined && { reason }),
        ...(kind !== 'delivered' && status !== undefined && isGoneStatus(status) && { address_gone: true }),
      });
      return reply.status(204).send(null);
    },
  );
  app.post(
    '/hooks/mail/dsn',
    {
      config: { public: true },
      schema: {
        summary: 'Take in a mail server’s message about a mail (RFC 3464)',
        description: `The raw message, signed as for \`/hooks/mail/bounce\`.`,
        tags: ['hooks'],
        consumes: ['message/rfc822'],
        body: z.any().describe('The message as it was received'),
        response: { 200: z.object({ reports: z.int().describe('How much of it was about our mail') }) },
      },
      preValidation: verify,
    },
    async ({ signedBody = Buffer.alloc(0) }) => {
      // Loaded when the first bounce comes: a server that gets none does without.
      const { parseDeliveryStatus } = await import('./delivery-status.js');
      const reports = await parseDeliveryStatus(signedBody, new Date(now()));
      for (const told of reports) await report(told);
      return { reports: reports.length };
    },
  );
};

const unsubscribeHooks: Routes<NonNullable<NotificationHooksOptions['unsubscribe']>> = async (
  app,
  { links, mute },
) => {
  const params = z.strictObject({ token: z.string().min(1).max(1_000) });
  const read = (token: string) => {
    const link = links.read(token);
    if (!link) throw new NotFoundError('This link is not one of ours, or is not whole', 'hook.link-unknown');
    return link;
  };
  const page = { tags: ['hooks'], params, produces: ['text/html'], response: { 200: z.string() } };
  app.get(
    '/hooks/unsubscribe/:token',
    { config: { public: true }, schema: { summary: 'Ask whether to unsubscribe', ...page } },
    async ({ params: { token } }, reply) => {
      read(token);
      return reply.type('text/html; charset=utf-8').send(unsubscribePage);
    },
  );
  app.post(
    '/hooks/unsubscribe/:token',
    { config: { public: true }, schema: { summary: 'Unsubscribe with one click (RFC 8058)', ...page } },
    async ({ params: { token } }, reply) => {
      const { userId, type } = read(token);
      await mute(userId, type);
      return reply.type('text/html; charset=utf-8').send(unsubscribedPage);
    },
  );
};

/** Keeps bodies as they came beside what was parsed: signatures are over the former. */
function keepSignedBodies(app: FastifyInstance): void {
  app.decorateRequest('signedBody');
  const parse = (type: string, read: (body: Buffer) => unknown) =>
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
      request.signedBody = body as Buffer;
      try {
        done(null, read(request.signedBody));
      } catch (error) {
        done(Object.assign(error as Error, { statusCode: 400 }));
      }
    });
  app.removeContentTypeParser('application/json');
  parse('application/json', (body) => JSON.parse(body.toString()));
  parse('application/x-www-form-urlencoded', (body) => readForm(body.toString()));
  parse('message/rfc822', (body) => body.toString());
  parse('multipart/form-data', () => ({}));
}

function readForm(text: string): Record<string, string | string[]> {
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}
