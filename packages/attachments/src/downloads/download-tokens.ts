import {
  createTokenSigner,
  ForbiddenError,
  InvalidInputError,
  type Actor,
  type TokenSigner,
} from '@infratraq/kernel';
import { z } from 'zod';
import { checkInput, type FileReference } from '../files/file-reference.js';

/** The version that a download link gives access to. */
export interface DownloadGrant {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly file_id: string;
  readonly version: number;
  /** For whom the link was made, and the roles that this user had. */
  readonly user_id: string;
  readonly roles: Actor['roles'];
  readonly expires_at: Date;
  readonly issued_at: Date;
}

/** Longest life of a link. */
export const maximumLinkSeconds = 7 * 24 * 3_600;

const lifeSchema = z.int().min(1).max(maximumLinkSeconds);

type Payload = [
  entity_type: string,
  entity_id: string,
  file_id: string,
  version: number,
  user_id: string,
  expires: number,
  issued?: number,
  roles?: Actor['roles'],
];

/** Makes and checks the tokens in download links; every process that serves them shares the secret. */
export class DownloadTokens {
  readonly #signer: TokenSigner<Payload>;
  readonly #now: () => Date;

  /** @throws InvalidInputError `attachment.link-secret` for a secret of less than 32 bytes */
  constructor({ secret, now = () => new Date() }: { secret: string; now?: () => Date }) {
    if (Buffer.byteLength(secret) < 32)
      throw new InvalidInputError('Sign download links with a secret of 32 bytes or more', {
        code: 'attachment.link-secret',
      });
    this.#signer = createTokenSigner(secret, 'attachment-link');
    this.#now = now;
  }

  /** Makes a link to a version. */
  link(
    baseUrl: string,
    { entity_type, entity_id, file_id, version }: FileReference & { version: number },
    holder: Pick<Actor, 'user_id' | 'roles'>,
    expiresInSeconds: number,
  ): { url: string; expires_at: Date } {
    checkInput(lifeSchema, expiresInSeconds);
    const expires_at = new Date(this.#now().getTime() + expiresInSeconds * 1000);
    const token = this.issue({ entity_type, entity_id, file_id, version, ...holder, expires_at });
    return { url: `${baseUrl.replace(/\/$/, '')}/attachments/content?token=${token}`, expires_at };
  }

  issue({
    entity_type,
    entity_id,
    file_id,
    version,
    user_id,
    roles,
    expires_at,
  }: Omit<DownloadGrant, 'issued_at'>): string {
    const expires = expires_at.getTime();
    const issued = this.#now().getTime();
    return this.#signer.write([entity_type, entity_id, file_id, version, user_id, expires, issued, roles]);
  }

  /** @throws ForbiddenError `attachment.link.invalid`, `attachment.link.expired` */
  verify(token: string): DownloadGrant {
    const grant = this.read(token);
    if (!grant)
      throw new ForbiddenError('This link is not ours; ask for a new one', 'attachment.link.invalid');
    if (grant.expires_at <= this.#now())
      throw new ForbiddenError('This link has expired; ask for a new one', 'attachment.link.expired');
    return grant;
  }

  /** What a token of ours says, expired or not. */
  read(token: string): DownloadGrant | undefined {
    const payload = this.#signer.read(String(token));
    if (!payload) return undefined;
    // Links of earlier versions have neither time nor roles.
    const [entity_type, entity_id, file_id, version, user_id, expires, issued = 0, roles = ['member']] =
      payload;
    const expires_at = new Date(expires);
    return {
      entity_type,
      entity_id,
      file_id,
      version,
      user_id,
      roles,
      expires_at,
      issued_at: new Date(issued),
    };
  }
}
