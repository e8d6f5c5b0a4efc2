import { Agent as HttpAgent } from 'node:http';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import { createSender } from './create-sender.js';
import { missingProvider } from './missing-provider.js';
import type { OutgoingMessage, Sender } from './sender.js';
import { explainTwilioError, TwilioRefusal } from './twilio-errors.js';

/** A Twilio account, and its sender. */
export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** A number in E.164, a short code, an alphanumeric sender, or a messaging service (`MG…`). */
  readonly from: string;
  /** @default https://api.twilio.com */
  readonly baseUrl?: string;
  /** Public URL of the status hook, to which Twilio reports what became of a message. */
  readonly statusCallback?: string;
  /**
   * How long Twilio may take to answer.
   * @default 15_000
   */
  readonly timeoutMilliseconds?: number;
  readonly now?: () => number;
}

/** The longest time that Twilio holds a message. */
const longestValiditySeconds = 36_000;

/**
 * Sends text messages through Twilio, which takes no idempotency key: if an answer is lost, the message is sent again.
 *
 * @throws InfratraqError `sender.library-missing` without twilio
 */
export async function openTwilioSender(options: TwilioOptions): Promise<Sender> {
  const { default: twilio } = await import('twilio').catch(missingProvider('text messages', 'twilio'));
  const { accountSid, authToken, timeoutMilliseconds = 15_000, now = Date.now } = options;

  // The SDK takes no base URL, and its errors drop the response headers, `Retry-After` among them.
  class AnsweringClient extends twilio.RequestClient {
    override async request<Data>(request: RequestClient.RequestOptions<Data>) {
      const answer = await super.request({ ...request, uri: rebase(request.uri, options.baseUrl) });
      if (answer.statusCode >= 400) throw new TwilioRefusal(answer.statusCode, answer.headers, answer.body);
      return answer;
    }
  }
  const httpClient = new AnsweringClient({ timeout: timeoutMilliseconds });
  const { defaults } = httpClient.axios;
  defaults.httpAgent = new HttpAgent({ keepAlive: true });
  const client = twilio(accountSid, authToken, { httpClient });

  return createSender({
    provider: 'twilio',
    channel: 'sms',
    async deliver(message, { phone }) {
      const { sid, status, numSegments } = await client.messages.create({
        to: phone,
        body: message.body,
        ...senderOf(options.from),
        ...(options.statusCallback !== undefined && { statusCallback: options.statusCallback }),
        ...validityOf(message, now()),
      });
      return {
        outcome: 'accepted',
        provider_message_id: sid,
        response: { status, num_segments: numSegments },
      };
    },
    explain: (error) => explainTwilioError(error, now()),
    release() {
      for (const agent of [defaults.httpAgent, defaults.httpsAgent] as HttpAgent[]) agent.destroy();
    },
  });
}

function rebase(uri: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return uri;
  const { pathname, search } = new URL(uri);
  return baseUrl.replace(/\/$/, '') + pathname + search;
}

function senderOf(from: string): { messagingServiceSid: string } | { from: string } {
  return from.startsWith('MG') ? { messagingServiceSid: from } : { from };
}

function validityOf({ not_after }: OutgoingMessage, now: number): { validityPeriod?: number } {
  if (!not_after) return {};
  const seconds = Math.ceil((not_after.getTime() - now) / 1_000);
  return { validityPeriod: Math.min(Math.max(1, seconds), longestValiditySeconds) };
}
