import { ForbiddenError } from '@infratraq/kernel';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { missingProvider } from '../senders/missing-provider.js';
import type { ProviderReport } from '../senders/sender.js';
import type { MailFeedback } from '../complaints/mail-feedback.js';
import { clickHooks, type ClickHooksOptions } from './click-hooks.js';
import { mailHooks } from './mail-hooks.js';
import { describeTwilioStatus, type TwilioStatusForm } from './twilio-status.js';
import { unsubscribeHooks, type UnsubscribeHooksOptions } from './unsubscribe-hooks.js';

export { hookSignatureHeader, signHook } from './hook-signature.js';
export { createClickLinks } from './click-links.js';
export { parseDeliveryStatus } from './delivery-status.js';
export { parseFeedbackReport } from './feedback-report.js';
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
  readonly mail?: {
    readonly secret: string;
    /** Takes in what a recipient has said of a mail; the same may come again. */
    readonly takeFeedback: (feedback: MailFeedback) => Promise<void>;
  };
  readonly unsubscribe?: UnsubscribeHooksOptions;
  readonly clicks?: ClickHooksOptions;
  readonly now?: () => number;
}

/**
 * Serves what providers and mail programs call: status callbacks, bounces, complaints, one-click unsubscribing (RFC 8058),
 * links that tell of clicks.
 */
export const notificationHooks = defineRoutes<NotificationHooksOptions>(
  async (app, { report, twilio, mail, unsubscribe, clicks, now = Date.now }) => {
    keepSignedBodies(app);
    if (twilio) await app.register(twilioHooks, { report, twilio, now });
    if (mail) await app.register(mailHooks, { report, ...mail, now });
    if (unsubscribe) await app.register(unsubscribeHooks, unsubscribe);
    if (clicks) await app.register(clickHooks, clicks);
  },
);

const twilioHooks = defineRoutes<Required<Pick<NotificationHooksOptions, 'report' | 'now' | 'twilio'>>>(
  async (app, { report, twilio: { authToken, publicUrl }, now }) => {
    const { default: twilio } = await import('twilio').catch(missingProvider('text messages', 'twilio'));
    app.post(
      '/hooks/twilio/status',
      {
        config: { public: true },
        schema: {
          summary: 'Take in what Twilio says of a message',
          tags: ['hooks'],
          consumes: ['application/x-www-form-urlencoded'],
          querystring: z.looseObject({}),
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
  },
);

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
