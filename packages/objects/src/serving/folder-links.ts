import { ForbiddenError, InfratraqError } from '@infratraq/kernel';
import { createHmac, timingSafeEqual } from 'node:crypto';

/** With what links to a folder's objects are made and checked. */
export interface LinkSigning {
  /** Where {@link objectRoutes} is reachable, up to and without `/objects`. */
  readonly baseUrl: string;
  /** 32 bytes or more; all processes share it. */
  readonly secret: string;
  /** The current time, in milliseconds; the system's when absent. */
  readonly now?: () => number;
}

/** The parts of a link that its signature covers. */
export interface SignedLink {
  readonly key: string;
  /** Seconds since 1970. */
  readonly expires: number;
  readonly disposition?: string | undefined;
}

/**
 * Makes a link to an object that expires.
 * @throws InfratraqError `objects.links-off` without a secret
 */
export function signLink(
  signing: LinkSigning | undefined,
  key: string,
  expiresInSeconds: number,
  disposition: string | undefined,
): string {
  if (!signing)
    throw new InfratraqError(
      'objects.links-off',
      'Open the folder with `links` (an address and a secret) to make links to its objects',
    );
  const expires = Math.floor((signing.now ?? Date.now)() / 1000) + expiresInSeconds;
  const query = new URLSearchParams({ key, expires: String(expires) });
  if (disposition !== undefined) query.set('disposition', disposition);
  query.set('signature', signatureOf(signing.secret, { key, expires, disposition }));
  return `${signing.baseUrl.replace(/\/$/, '')}/objects?${query}`;
}

/**
 * Checks that a link was made with our secret and lives.
 * @throws ForbiddenError `object.link.invalid` or `object.link.expired`
 */
export function verifyLink(signing: LinkSigning, link: SignedLink, signature: string): void {
  const expected = Buffer.from(signatureOf(signing.secret, link));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ForbiddenError('This link is not ours; ask for a new one', 'object.link.invalid');
  if (link.expires * 1000 <= (signing.now ?? Date.now)())
    throw new ForbiddenError('This link has expired; ask for a new one', 'object.link.expired');
}

function signatureOf(secret: string, { key, expires, disposition }: SignedLink): string {
  const signed = JSON.stringify(['object-link', key, expires, disposition ?? null]);
  return createHmac('sha256', secret).update(signed).digest('base64url');
}
