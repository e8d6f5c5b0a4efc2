import { createHmac, timingSafeEqual } from 'node:crypto';
import { ForbiddenError } from '@infratraq/kernel';

/** Name of the header that carries the signature of what is sent to a mail hook. */
export const hookSignatureHeader = 'x-infratraq-signature';

const windowSeconds = 300;

/** Signs a body for a mail hook: `t=SECONDS,v1=HEX`, HMAC-SHA256 over `SECONDS.BODY`. */
export function signHook(secret: string, body: string | Buffer, now: number): string {
  const seconds = Math.floor(now / 1_000);
  return `t=${seconds},v1=${digestOf(secret, seconds, body).toString('hex')}`;
}

/**
 * Checks the signature of a body, of which there may be several while a secret is being changed.
 *
 * @throws ForbiddenError `hook.signature` when none is ours, `hook.expired` when it is older than five minutes
 */
export function verifyHook(secret: string, body: string | Buffer, header: unknown, now: number): void {
  const parts = String(header ?? '').split(',');
  const seconds = Number(parts.find((part) => part.startsWith('t='))?.slice(2));
  const signatures = parts.flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? []);
  const expected = Number.isInteger(seconds) ? digestOf(secret, seconds, body) : undefined;
  if (!expected || !signatures.some((given) => timingSafeEqual(Buffer.from(given, 'hex'), expected)))
    throw new ForbiddenError(`Sign what you send in ${hookSignatureHeader}`, 'hook.signature');
  if (Math.abs(now / 1_000 - seconds) > windowSeconds)
    throw new ForbiddenError('This signature has expired; sign again, with the present time', 'hook.expired');
}

function digestOf(secret: string, seconds: number, body: string | Buffer): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
