import { createConfinedJobs, type ConfinedJobs } from '@infratraq/confined-jobs';
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

export { createClickLinks } from './click-links.js';
export { parseDeliveryStatus, parseFeedbackReport } from './parse-reports.js';
export { createUnsubscribeLinks, type UnsubscribeLinks } from './unsubscribe-links.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The raw body, where a signature covers it. */
    signedBody?: Buffer;
  }
}

/** What callbacks call, and the secrets that they are verified with; a part that is absent has no routes. */
export interface NotificationHooksOptions {
  /** Called with each report of a provider, maybe repeatedly. If it throws, the provider is asked to try again. */
  readonly report: (report: ProviderReport) => Promise<void>;
  readonly twilio?: {
    readonly authToken: string;
    /** Scheme and host as Twilio calls them, plus any path that a proxy strips: `https://infra.example`. */
    readonly publicUrl: string;
  };
  readonly mail?: {
    readonly secret: string;
    /** Called with what a recipient said of a mail, maybe repeatedly. */
    readonly takeFeedback: (feedback: MailFeedback) => Promise<void>;
  };
  readonly unsubscribe?: UnsubscribeHooksOptions;
  readonly clicks?: ClickHooksOptions;
  readonly now?: () => number;
  /** Reads raw reports in processes of their own. @default one of these hooks' own */
  readonly confinedJobs?: ConfinedJobs;
}

/**
 * Serves what providers and mail programs call: status callbacks, bounces, complaints, one-click unsubscribing (RFC 8058)
 * and tracked links.
 */
export const notificationHooks = defineRoutes<NotificationHooksOptions>(
  async (
    app,
    { report, twilio, mail, unsubscribe, clicks, now = Date.now, confinedJobs = createConfinedJobs() },
  ) => {
    keepSignedBodies(app);
    if (twilio) await app.register(twilioHooks, { report, twilio, now });
    if (mail) await app.register(mailHooks, { report, ...mail, now, confinedJobs });
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
        config: { public: true, errors: [403] },
        schema: {
          summary: 'Report the status of a text message (Twilio)',
          tags: ['hooks'],
          consumes: ['application/x-www-form-urlencoded'],
          querystring: z.looseObject({}),
          body: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
          response: { 204: z.null().describe('Taken in; the same again changes nothing') },
        },
        onRequest: async ({ headers }) => {
          if (headers['x-twilio-signature'] === undefined) throw wrongSignature();
        },
        preValidation: async (request) => {
          const signature = String(request.headers['x-twilio-signature'] ?? '');
          const form = (request.body ?? {}) as TwilioStatusForm;
          if (!twilio.validateRequest(authToken, signature, publicUrl + request.url, form))
            throw wrongSignature();
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

function wrongSignature(): ForbiddenError {
  return new ForbiddenError(
    'The signature does not match; sign with the auth token of the account',
    'hook.signature',
  );
}

/** Keeps raw bodies beside parsed ones, because signatures cover the raw bytes. */
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
