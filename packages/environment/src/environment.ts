import { DefinitionError } from '@infratraq/kernel';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { databaseSettings } from './database-settings.js';
import { identitySettings } from './identity-settings.js';
import { findMissingSettings, senderSettings } from './sender-settings.js';

const commaSeparated = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** Every environment variable that the server reads, with what it means. */
const schema = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('Port to listen on; 0 picks a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//)
    .optional()
    .describe('MongoDB with a database name; an embedded one is started when absent'),
  POSTGRES_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional()
    .describe('PostgreSQL; an embedded one is started when absent'),
  ...databaseSettings,
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//)
    .optional()
    .describe(
      'Redis between several server processes, so that chat reaches clients of each; one process needs none',
    ),
  CHAT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe(
      'After how many days chat is cut, in every channel; a channel may set less. Kept for good when absent',
    ),
  ...identitySettings,
  DATA_DIR: z
    .string()
    .min(1)
    .default('.infratraq')
    .transform((path) => resolve(path))
    .describe('Embedded databases, the event journal and the running server’s addresses'),
  REDACTION_KEY: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Key of the digests that stand for personal fields of events; the same in every process. Without it, one is made and kept in DATA_DIR',
    ),
  OBJECTS_URL: z
    .string()
    .regex(/^(file:\/|s3:\/\/[^/]|gs:\/\/[^/])/)
    .optional()
    .describe(
      'Where files are: file:///path, s3://bucket/prefix?endpoint=…&region=… or gs://bucket/prefix?endpoint=…; a folder below DATA_DIR when absent',
    ),
  LINK_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Secret (32 characters or more) that signs download links; the same in every process. Without it, it is derived from AUTH_SECRET, else made and kept in DATA_DIR',
    ),
  AUDIT_SEALS_URL: z
    .string()
    .regex(/^(file:\/\/|s3:\/\/|gs:\/\/)/)
    .optional()
    .describe(
      'Where seals of the audit trail are published, outside both databases: file:///path, s3://… or gs://…; a folder below DATA_DIR when absent',
    ),
  AUDIT_SEAL_INTERVAL_SECONDS: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('How often the audit trail is sealed'),
  METRICS_WINDOW_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('Over how long requests are measured before that is recorded'),
  ALERTS_INTERVAL_SECONDS: z.coerce
    .number()
    .min(0.1)
    .max(3_600)
    .default(15)
    .describe('How often alerts on metrics are evaluated'),
  INBOUND_MAIL_ADDRESS: z
    .string()
    .regex(/^[^@\s+]+@[^@\s]+$/)
    .optional()
    .describe(
      'Address of ours that mail comes to, and whose plus-addresses name entities: inbox@example.org; the user of IMAP_URL when absent',
    ),
  INBOUND_MAIL_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Secret (32 characters or more) with which mail is handed over at /hooks/mail/inbound; without it there is no such route',
    ),
  IMAP_URL: z
    .string()
    .regex(/^imaps?:\/\/[^@/]+@[^@/]+(\/.+)?$/)
    .optional()
    .describe('Mailbox that is read: imaps://user:password@host/INBOX; without it no mailbox is read'),
  CONFINED_JOBS_AT_ONCE: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe(
      'How many mails and images from outside are read at once, each in a process of its own that is killed when it breaks a limit',
    ),
  CONFINED_JOB_MEBIBYTES: z.coerce
    .number()
    .int()
    .min(96)
    .max(8_192)
    .default(192)
    .describe('Memory of such a process; larger images get no thumbnails, larger mails are kept unread'),
  UPLOAD_DAY_MEBIBYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(10_240)
    .describe('How much one user may upload in 24 hours'),
  UPLOAD_STORED_MEBIBYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(102_400)
    .describe(
      'How much the files of one user may hold altogether, deleted ones included until they are purged',
    ),
  CLAMAV_URL: z
    .string()
    .regex(/^(tcp:\/\/.+:\d+|unix:.+)$/)
    .optional()
    .describe(
      'ClamAV’s daemon that scans attached files: tcp://host:3310 or unix:/path; without it they are not scanned',
    ),
  CLAMAV_MAX_MEBIBYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(100)
    .describe('What ClamAV’s daemon takes at most, its StreamMaxLength; larger files count as unscannable'),
  ...senderSettings,
  INFRATRAQ_ENGINE: z
    .enum(['mongod', 'secantus', 'secantus-py'])
    .optional()
    .describe('Which embedded MongoDB to use; the first that can be had when absent'),
  CORS_ORIGINS: commaSeparated
    .optional()
    .describe('Origins of other web applications that may call the API, separated by commas'),
  RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(3_000)
    .describe('Requests that one user or address may make each minute'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log line that is written'),
});

export type Environment = Readonly<z.output<typeof schema>>;

/** Name, description and default of each environment variable, for the command and the documentation. */
export const environmentVariables = Object.entries(schema.shape).map(([name, variable]) => {
  const { default: standIn } = z.toJSONSchema(variable, { io: 'input', unrepresentable: 'any' });
  return { name, description: variable.description ?? '', default: standIn as string | number | undefined };
});

/**
 * Reads and checks the environment.
 * @throws DefinitionError `definition.environment`, naming every variable that is wrong
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  // An empty variable means an absent one, as compose files and shells write it.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const missing = findMissingSettings(given);
  if (parsed.success && missing.length === 0) return Object.freeze(parsed.data);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  const faults = [...wrong, ...missing];
  throw new DefinitionError('environment', 'environment', faults.join('; '));
}

/** Whether the server can only be reached from this machine. */
export function listensOnLoopback({ HOST }: Pick<Environment, 'HOST'>): boolean {
  return HOST === 'localhost' || HOST === '::1' || HOST.startsWith('127.');
}

/** From when on a change of the audit trail waits too long for its seal, in seconds. */
export function lateSealSecondsOf({
  AUDIT_SEAL_INTERVAL_SECONDS,
}: Pick<Environment, 'AUDIT_SEAL_INTERVAL_SECONDS'>): number {
  return 2 * AUDIT_SEAL_INTERVAL_SECONDS + 600;
}

/** Where seals of the audit trail are published: the environment's place, else a folder below DATA_DIR. */
export function sealsUrlOf({
  AUDIT_SEALS_URL,
  DATA_DIR,
}: Pick<Environment, 'AUDIT_SEALS_URL' | 'DATA_DIR'>): string {
  return AUDIT_SEALS_URL ?? pathToFileURL(join(DATA_DIR, 'audit-seals')).href;
}
