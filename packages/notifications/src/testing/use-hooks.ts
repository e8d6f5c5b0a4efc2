import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { UnauthenticatedError } from '@infratraq/transport';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import type { MailLink } from '../callbacks/click-links.js';
import { createClickLinks, createUnsubscribeLinks, notificationHooks } from '../callbacks/hooks.js';
import type { MailFeedback } from '../complaints/mail-feedback.js';
import type { ProviderReport } from '../senders/sender.js';
import { startTwilio, type TwilioStandIn } from './providers/twilio.js';

export const publicUrl = 'https://infra.example';
export const secret = 'a secret of at least thirty-two characters';
/** When everything comes in, as the hooks see it. */
export const now = () => Date.parse('2026-11-24T10:00:00Z');

/** Serves all hooks to a suite, under `/api/v1`, and keeps what they have taken in since a test began. */
export function useHooks() {
  const app = Fastify();
  const reports: ProviderReport[] = [];
  const feedback: MailFeedback[] = [];
  const muted: [string, string][] = [];
  const clicked: MailLink[] = [];
  const signing = { secret, baseUrl: `${publicUrl}/api/v1/hooks` };
  const links = createUnsubscribeLinks(signing);
  const clickLinks = createClickLinks(signing);
  let twilio: TwilioStandIn;
  let fault: Error | undefined;

  beforeAll(async () => {
    twilio = await startTwilio();
    await app.register(registerTransport, {
      authenticate: async () => {
        throw new UnauthenticatedError();
      },
    });
    await app.register(notificationHooks, {
      prefix: '/api/v1',
      now,
      twilio: { authToken: twilio.authToken, publicUrl },
      mail: { secret, takeFeedback: async (told) => void feedback.push(told) },
      clicks: {
        links: clickLinks,
        record: async (link) => {
          if (fault) throw fault;
          clicked.push(link);
        },
      },
      unsubscribe: { links, unsubscribe: async (userId, type) => void muted.push([userId, type]) },
      report: async (report) => {
        if (fault) throw fault;
        reports.push(report);
      },
    });
  });
  afterAll(async () => {
    await app.close();
    await twilio.close();
  });
  beforeEach(() => {
    reports.length = 0;
    muted.length = 0;
    feedback.length = 0;
    clicked.length = 0;
    fault = undefined;
  });

  return {
    app,
    reports,
    feedback,
    muted,
    clicked,
    links,
    clickLinks,
    get twilio() {
      return twilio;
    },
    /** Lets reports and clicks fail for the rest of a test. */
    failWith(error: Error): void {
      fault = error;
    },
  };
}
