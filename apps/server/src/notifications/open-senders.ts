import type { Environment } from '@infratraq/environment';
import { DefinitionError } from '@infratraq/kernel';
import {
  openFcmSender,
  openSmtpSender,
  openTwilioSender,
  openWebPushSender,
  type FcmServiceAccount,
  type Sender,
} from '@infratraq/notifications';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { mailFrom } from '../mail/mail-from.js';

type ReturnPathOf = Parameters<typeof openSmtpSender>[0]['returnPathOf'];

/** Where providers call back, below the public address. */
export const hooksPath = '/api/v1/hooks';

/**
 * Opens a sender for every provider that is set up; the others are off, and the log says how to turn them on.
 *
 * @throws DefinitionError `definition.environment` for a key or an account that cannot be read
 */
export async function openSenders(
  environment: Environment,
  log: Pick<Logger, 'info'>,
  returnPathOf?: ReturnPathOf,
): Promise<Sender[]> {
  const opened: Sender[] = [];
  try {
    for (const [open, off] of [
      [(given: Environment) => openSmtp(given, returnPathOf), 'Email is off; set SMTP_URL to send it'],
      [
        openTwilio,
        'Text messages are off; set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM to send them',
      ],
      [openWebPush, 'Pushes to browsers are off; set VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY to send them'],
      [openFcm, 'Pushes to Android and iOS are off; set FCM_SERVICE_ACCOUNT to send them'],
    ] as const) {
      const sender = await open(environment);
      if (sender) opened.push(sender);
      else log.info(off);
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map((sender) => sender.close()));
    throw error;
  }
}

async function openSmtp(environment: Environment, returnPathOf: ReturnPathOf): Promise<Sender | undefined> {
  const { SMTP_URL: url, DKIM_DOMAIN: domain, DKIM_SELECTOR: selector } = environment;
  const { SMTP_REQUIRE_TLS: requireTls, INBOUND_MAIL_ADDRESS } = environment;
  if (url === undefined) return undefined;
  const addressed = {
    url,
    from: mailFrom(environment),
    requireTls,
    // Answers come to where they are read.
    ...(INBOUND_MAIL_ADDRESS && { replyTo: INBOUND_MAIL_ADDRESS }),
    ...(returnPathOf && { returnPathOf }),
  };
  if (domain === undefined || selector === undefined) return openSmtpSender(addressed);
  const privateKey = await readSetting('DKIM_PRIVATE_KEY', environment, '-----BEGIN');
  // A shell that takes one line writes the ends of others as \n.
  const dkim = { domain, selector, privateKey: privateKey.replaceAll('\\n', '\n') };
  return openSmtpSender({ ...addressed, dkim });
}

async function openTwilio(environment: Environment): Promise<Sender | undefined> {
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, TWILIO_BASE_URL, PUBLIC_URL } = environment;
  if (TWILIO_ACCOUNT_SID === undefined || TWILIO_AUTH_TOKEN === undefined || TWILIO_FROM === undefined)
    return undefined;
  return openTwilioSender({
    accountSid: TWILIO_ACCOUNT_SID,
    authToken: TWILIO_AUTH_TOKEN,
    from: TWILIO_FROM,
    ...(TWILIO_BASE_URL !== undefined && { baseUrl: TWILIO_BASE_URL }),
    ...(PUBLIC_URL !== undefined && { statusCallback: `${PUBLIC_URL}${hooksPath}/twilio/status` }),
  });
}

async function openWebPush(environment: Environment): Promise<Sender | undefined> {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey } = environment;
  if (publicKey === undefined || privateKey === undefined) return undefined;
  return openWebPushSender({ vapid: { publicKey, privateKey, subject: subjectOf(environment) } });
}

/** Push services ask for an address; one that leads nowhere is better than no pushes. */
function subjectOf({ VAPID_SUBJECT, PUBLIC_URL, SMTP_FROM }: Environment): string {
  if (VAPID_SUBJECT !== undefined) return VAPID_SUBJECT;
  if (PUBLIC_URL?.startsWith('https:')) return PUBLIC_URL;
  return `mailto:${/[^\s<]+@[\w.-]+/.exec(SMTP_FROM ?? '')?.[0] ?? 'postmaster@localhost'}`;
}

const serviceAccount = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().startsWith('-----BEGIN'),
});

async function openFcm(environment: Environment): Promise<Sender | undefined> {
  if (environment.FCM_SERVICE_ACCOUNT === undefined) return undefined;
  const text = await readSetting('FCM_SERVICE_ACCOUNT', environment, '{');
  let account: FcmServiceAccount;
  try {
    account = serviceAccount.parse(JSON.parse(text));
  } catch {
    // Without its cause, which would quote the key.
    throw new DefinitionError(
      'environment',
      'environment',
      'FCM_SERVICE_ACCOUNT: is no service account; download its JSON in the Firebase console',
    );
  }
  return openFcmSender({ serviceAccount: account });
}

/** A setting's text, or that of the file which it names. */
async function readSetting(
  name: 'DKIM_PRIVATE_KEY' | 'FCM_SERVICE_ACCOUNT',
  environment: Environment,
  begins: string,
): Promise<string> {
  const value = environment[name] ?? '';
  if (value.trimStart().startsWith(begins)) return value;
  try {
    return await readFile(value, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new DefinitionError(
      'environment',
      'environment',
      `${name}: the file that it names cannot be read (${code})`,
    );
  }
}
