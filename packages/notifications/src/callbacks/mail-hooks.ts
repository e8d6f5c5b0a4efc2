import type { ConfinedJobs } from '@infratraq/confined-jobs';
import { ForbiddenError } from '@infratraq/kernel';
import { timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import {
  assertWebhookHeaders,
  verifyWebhook,
  WebhookSignatureError,
} from '@infratraq/transport/webhook-signature';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MailFeedback } from '../complaints/mail-feedback.js';
import type { ProviderReport } from '../senders/sender.js';
import { isGoneStatus } from '../senders/smtp-errors.js';
import { parseDeliveryStatus, parseFeedbackReport } from './parse-reports.js';

/** What reports about mails call, and the secret that they are verified with. */
export interface MailHooksOptions {
  readonly report: (report: ProviderReport) => Promise<void>;
  readonly takeFeedback: (feedback: MailFeedback) => Promise<void>;
  readonly secret: string;
  readonly now: () => number;
  readonly confinedJobs: ConfinedJobs;
}

const bounceSchema = z.strictObject({
  event_id: z.string().min(1).max(200).describe('The same for the same event, however often it is sent'),
  message_id: z.string().min(3).max(500).describe('Message-ID of the mail'),
  kind: z
    .enum(['delivered', 'bounced', 'failed', 'complained', 'not_spam'])
    .describe('`complained`: its reader called it spam; `not_spam`: took that back'),
  status: z
    .string()
    .regex(/^\d\.\d{1,3}\.\d{1,3}$/)
    .optional()
    .describe('Enhanced status code (RFC 3463)'),
  reason: z.string().max(2_000).optional(),
  at: timestamp,
});

const rawMessage = {
  tags: ['hooks'],
  consumes: ['message/rfc822'],
  body: z.any().describe('The message as it was received'),
  response: { 200: z.object({ reports: z.int().describe('How much of it was about our mail') }) },
};

/** Receives signed reports of mail servers and providers about mails. */
export const mailHooks = defineRoutes<MailHooksOptions>(
  async (app, { report, takeFeedback, secret, now, confinedJobs }) => {
    // A report without a recent signature is refused before its body is read.
    app.addHook('onRequest', async ({ headers }) => refuseFaults(() => assertWebhookHeaders(headers, now())));
    const verify = async ({ signedBody = Buffer.alloc(0), headers }: FastifyRequest) =>
      refuseFaults(() => verifyWebhook(secret, headers, signedBody, now()));
    app.post(
      '/hooks/mail/bounce',
      {
        config: { public: true, errors: [403] },
        schema: {
          summary: 'Report what became of a mail',
          description: 'Signed by Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.',
          tags: ['hooks'],
          body: bounceSchema,
          response: { 204: z.null().describe('Taken in; the same again changes nothing') },
        },
        preValidation: verify,
      },
      async ({ body: { event_id, message_id, kind, status, reason, at } }, reply) => {
        const mail = {
          provider: 'smtp',
          provider_message_id: message_id.startsWith('<') ? message_id : `<${message_id}>`,
          at,
        };
        if (kind === 'complained' || kind === 'not_spam') {
          await takeFeedback({ ...mail, kind, feedback_type: kind === 'complained' ? 'abuse' : 'not-spam' });
          return reply.status(204).send(null);
        }
        await report({
          ...mail,
          state: kind,
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
        config: { public: true, errors: [403, 422] },
        schema: {
          summary: 'Report a delivery status notification of a mail server (RFC 3464)',
          description: `The raw message, signed as for \`/hooks/mail/bounce\`.`,
          ...rawMessage,
        },
        preValidation: verify,
      },
      async ({ signedBody = Buffer.alloc(0) }) => {
        const reports = await parseDeliveryStatus(signedBody, new Date(now()), confinedJobs);
        for (const told of reports) await report(told);
        return { reports: reports.length };
      },
    );
    app.post(
      '/hooks/mail/feedback',
      {
        config: { public: true, errors: [403, 422] },
        schema: {
          summary: 'Report a feedback report of a mail provider (RFC 5965)',
          description: `The raw message, signed as for \`/hooks/mail/bounce\`. \`abuse\`, \`fraud\` and \`opt-out\` end mail of its type to that mailbox, \`not-spam\` begins it again.`,
          ...rawMessage,
        },
        preValidation: verify,
      },
      async ({ signedBody = Buffer.alloc(0) }) => {
        const feedback = await parseFeedbackReport(signedBody, new Date(now()), confinedJobs);
        if (feedback) await takeFeedback(feedback);
        return { reports: feedback ? 1 : 0 };
      },
    );
  },
);

/** @throws ForbiddenError `hook.signature`, `hook.expired` */
function refuseFaults(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof WebhookSignatureError)) throw error;
    throw new ForbiddenError(error.message, error.fault === 'expired' ? 'hook.expired' : 'hook.signature');
  }
}
