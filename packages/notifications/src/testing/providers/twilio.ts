import { createHmac, randomBytes } from 'node:crypto';
import {
  startProviderServer,
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
} from './provider-server.js';

/** What Twilio may say of a number, besides taking the message. */
export type TwilioTrouble = 'rejected' | 'address_gone' | 'throttled' | 'unreachable' | 'stopped_before';

/** A text message that Twilio has taken. */
export interface TwilioMessage {
  readonly sid: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Twilio's Messages resource and status callbacks, as documented. */
export interface TwilioStandIn extends ProviderServer {
  readonly baseUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly messages: TwilioMessage[];
  /** What the next requests are answered with; absent for messages to be taken again. */
  trouble?: TwilioTrouble | undefined;
  /** What a throttled request is asked to wait: seconds, or a date. */
  retryAfter: string;
  /** How many requests have come, whatever they were answered with. */
  requests: number;
  /** The status callback of a message: where it goes, and what is sent there. */
  composeCallback(message: TwilioMessage, status: string, more?: Record<string, string>): SignedForm;
}

/** A form with Twilio's signature, as it comes to a webhook. */
export interface SignedForm {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const more_info = (code: number) => `https://www.twilio.com/docs/errors/${code}`;
const refuse = (status: number, code: number, message: string): ProviderAnswer => ({
  status,
  body: { code, message, more_info: more_info(code), status },
});

/** Starts a Twilio of one account. */
export async function startTwilio(): Promise<TwilioStandIn> {
  const accountSid = `AC${randomBytes(16).toString('hex')}`;
  const authToken = randomBytes(16).toString('hex');
  const messages: TwilioMessage[] = [];
  const server = await startProviderServer((request) => answer(request));
  const standIn: TwilioStandIn = {
    ...server,
    baseUrl: `http://127.0.0.1:${server.port}`,
    accountSid,
    authToken,
    messages,
    retryAfter: '7',
    requests: 0,
    composeCallback({ sid, fields }, status, more = {}) {
      const url = fields.StatusCallback as string;
      const form = {
        AccountSid: accountSid,
        ApiVersion: '2010-04-01',
        From: fields.From ?? '',
        To: fields.To ?? '',
        MessageSid: sid,
        MessageStatus: status,
        SmsSid: sid,
        SmsStatus: status,
        ...more,
      };
      return {
        url,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': signForm(authToken, url, form),
        },
        body: new URLSearchParams(form).toString(),
      };
    },
  };

  function answer({ method, url, headers, body }: ProviderRequest): ProviderAnswer {
    standIn.requests += 1;
    const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    if (headers.authorization !== expected) return refuse(401, 20003, 'Authenticate');
    if (url.pathname !== `/2010-04-01/Accounts/${accountSid}/Messages.json`)
      return refuse(404, 20404, `The requested resource ${url.pathname} was not found`);
    if (method !== 'POST') return refuse(405, 20004, 'Method not allowed');
    if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return refuse(415, 20009, 'Unsupported media type');
    const fields = Object.fromEntries(new URLSearchParams(body.toString()));
    return trouble(fields) ?? accept(fields);
  }

  function trouble(fields: Record<string, string>): ProviderAnswer | undefined {
    const { To: to = '', From: from, MessagingServiceSid: service, Body: text = '' } = fields;
    if (standIn.trouble === 'throttled')
      return { ...refuse(429, 20429, 'Too Many Requests'), headers: { 'retry-after': standIn.retryAfter } };
    // A proxy in front asks for a password of its own.
    if (standIn.trouble === 'stopped_before') return { status: 401, body: 'Unauthorized' };
    if (standIn.trouble === 'unreachable') return { status: 503, body: 'Service Unavailable' };
    if (standIn.trouble === 'address_gone')
      return refuse(400, 21610, 'Attempt to send to unsubscribed recipient');
    if (standIn.trouble === 'rejected')
      return refuse(400, 21408, 'Permission to send an SMS has not been enabled');
    if (!/^\+[1-9]\d{1,14}$/.test(to)) return refuse(400, 21211, `Invalid 'To' Phone Number: ${to}`);
    if (!from && !service) return refuse(400, 21603, "A 'From' phone number is required.");
    if (text === '') return refuse(400, 21602, 'Message body is required.');
    if (text.length > 1_600)
      return refuse(400, 21617, 'The concatenated message body exceeds the 1600 character limit.');
    return undefined;
  }

  function accept(fields: Record<string, string>): ProviderAnswer {
    const message = { sid: `SM${randomBytes(16).toString('hex')}`, fields };
    messages.push(message);
    return {
      status: 201,
      body: {
        account_sid: accountSid,
        api_version: '2010-04-01',
        body: fields.Body,
        date_created: new Date().toUTCString(),
        direction: 'outbound-api',
        error_code: null,
        error_message: null,
        from: fields.From ?? null,
        messaging_service_sid: fields.MessagingServiceSid ?? null,
        num_media: '0',
        num_segments: '1',
        price: null,
        price_unit: 'USD',
        sid: message.sid,
        status: 'queued',
        to: fields.To,
        uri: `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}.json`,
      },
    };
  }
  return standIn;
}

/** Twilio's signature of a form, written from its documentation: the address, then each name and value by name. */
function signForm(authToken: string, url: string, form: Readonly<Record<string, string>>): string {
  const names = Object.keys(form).sort();
  const text = url + names.map((name) => name + form[name]).join('');
  return createHmac('sha1', authToken).update(text).digest('base64');
}
