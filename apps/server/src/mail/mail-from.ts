import type { Environment } from '@infratraq/environment';

/** The address that mail comes from. */
export function mailFrom({ SMTP_FROM, PUBLIC_URL }: Environment): string {
  const host = PUBLIC_URL === undefined ? 'localhost' : new URL(PUBLIC_URL).hostname;
  return SMTP_FROM ?? `InfraTraq <notifications@${host}>`;
}
