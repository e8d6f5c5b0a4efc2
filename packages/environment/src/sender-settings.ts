import { z } from 'zod';

const address = (scheme: RegExp) => z.string().regex(scheme);

/** Variables of what notifications are sent with; a provider without them is off. */
export const senderSettings = {
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe(
      'Address under which others reach this server; without it, mail has no unsubscribe links, its links tell of no clicks, and Twilio reports nothing',
    ),
  SMTP_URL: address(/^smtps?:\/\/[^/]/)
    .optional()
    .describe(
      'Mail server that sends for us: smtps://user:password@host:465 or smtp://host:587, which upgrades to TLS; without it email is off',
    ),
  SMTP_REQUIRE_TLS: z
    .stringbool()
    .optional()
    .describe(
      'Whether a server of smtp:// that does not upgrade to TLS gets no mail: true, or false for a network where nobody can listen; true when absent, unless the server is this machine',
    ),
  SMTP_FROM: z
    .string()
    .regex(/@[\w.-]+>?$/)
    .optional()
    .describe(
      'Address that mail comes from: InfraTraq <notices@example.org>; notifications@ and the host of PUBLIC_URL when absent',
    ),
  DKIM_DOMAIN: z
    .string()
    .min(1)
    .optional()
    .describe('Domain in whose name mail is signed; without it mail is not signed'),
  DKIM_SELECTOR: z.string().min(1).optional().describe('Which of the domain’s keys signs mail'),
  DKIM_PRIVATE_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('Key that signs mail: PEM, or the path of a file with it'),
  MAIL_HOOK_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Secret (32 characters or more) that signs what mail servers report of bounces; without it those hooks are off',
    ),
  TWILIO_ACCOUNT_SID: address(/^AC/)
    .optional()
    .describe('Account at Twilio that sends text messages; without it they are off'),
  TWILIO_AUTH_TOKEN: z.string().min(1).optional().describe('Key of the account at Twilio'),
  TWILIO_FROM: z
    .string()
    .min(1)
    .optional()
    .describe('Number, alphanumeric sender or messaging service (MG…) that text messages come from'),
  TWILIO_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Another place than https://api.twilio.com'),
  VAPID_PUBLIC_KEY: z
    .string()
    .regex(/^[\w-]{87}$/)
    .optional()
    .describe('Key with which browsers subscribe to pushes; without it web push is off'),
  VAPID_PRIVATE_KEY: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional()
    .describe('The private half of VAPID_PUBLIC_KEY'),
  VAPID_SUBJECT: address(/^(mailto:|https:\/\/)./)
    .optional()
    .describe(
      'Whom push services ask when something is wrong: mailto:… or https://…; PUBLIC_URL when absent',
    ),
  WEB_PUSH_HOSTS: z
    .string()
    .transform((text) => text.split(',').map((host) => host.trim()))
    .optional()
    .describe(
      'Hosts of push services that subscriptions may name, separated by commas, *. for any below; those of Chrome, Firefox, Edge and Safari when absent',
    ),
  FCM_SERVICE_ACCOUNT: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Service account of a Firebase project that sends pushes to Android and iOS: its JSON, or the path of a file with it; without it they are off',
    ),
};

const belongTogether = [
  ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  ['VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY'],
  ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY'],
] as const;

const needs = [
  ['AUTH_JWKS_URL', 'AUTH_ISSUER'],
  ['AUTH_JWKS_URL', 'AUTH_AUDIENCE'],
  ['SMTP_FROM', 'SMTP_URL'],
  ['SMTP_REQUIRE_TLS', 'SMTP_URL'],
  ['DKIM_DOMAIN', 'SMTP_URL'],
  ['VAPID_SUBJECT', 'VAPID_PUBLIC_KEY'],
  ['TWILIO_BASE_URL', 'TWILIO_ACCOUNT_SID'],
] as const;

/** Names every setting that is missing from a provider that has others of its settings. */
export function findMissingSettings(given: Readonly<Record<string, unknown>>): string[] {
  const isGiven = (name: string) => given[name] !== undefined;
  const halves = belongTogether.flatMap((names) => {
    const present = names.filter(isGiven);
    if (present.length === 0) return [];
    return names
      .filter((name) => !isGiven(name))
      .map((name) => `${name}: is needed beside ${present.join(' and ')}`);
  });
  const lone = needs
    .filter(([name, needed]) => isGiven(name) && !isGiven(needed))
    .map(([name, needed]) => `${needed}: is needed beside ${name}`);
  return [...halves, ...lone];
}
