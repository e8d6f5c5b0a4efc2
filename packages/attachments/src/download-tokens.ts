import { ForbiddenError, InvalidInputError } from '@infratraq/kernel';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { FileReference } from './attachment-service.js';

/** What a download link lets its bearer fetch. */
export interface DownloadGrant {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly file_id: string;
  readonly version: number;
  /** For whom the link was made. */
  readonly user_id: string;
  readonly expires_at: Date;
}

/** Longest life of a link. */
export const maximumLinkSeconds = 7 * 24 * 3_600;

const payloadSchema = z.tuple([z.string(), z.string(), z.string(), z.number(), z.string(), z.number()]);

/** Makes and checks the tokens in download links; every process that serves them shares the secret. */
export class DownloadTokens {
  readonly #secret: string;
  readonly #now: () => Date;

  /** @throws InvalidInputError `attachment.link-secret` for a secret of less than 32 bytes */
  constructor({ secret, now = () => new Date() }: { secret: string; now?: () => Date }) {
    if (Buffer.byteLength(secret) < 32)
      throw new InvalidInputError('Sign download links with a secret of 32 bytes or more', {
        code: 'attachment.link-secret',
      });
    this.#secret = secret;
    this.#now = now;
  }

  /** Makes a link to a version. */
  link(
    baseUrl: string,
    { entity_type, entity_id, file_id, version }: FileReference & { version: number },
    user_id: string,
    expiresInSeconds: number,
  ): { url: string; expires_at: Date } {
    const expires_at = new Date(this.#now().getTime() + expiresInSeconds * 1000);
    const token = this.issue({ entity_type, entity_id, file_id, version, user_id, expires_at });
    return { url: `${baseUrl.replace(/\/$/, '')}/attachments/content?token=${token}`, expires_at };
  }

  issue(grant: DownloadGrant): string {
    const { entity_type, entity_id, file_id, version, user_id, expires_at } = grant;
    const payload = Buffer.from(
      JSON.stringify([entity_type, entity_id, file_id, version, user_id, expires_at.getTime()]),
    ).toString('base64url');
    return `${payload}.${this.#sign(payload).toString('base64url')}`;
  }

  /** @throws ForbiddenError `attachment.link.invalid`, `attachment.link.expired` */
  verify(token: string): DownloadGrant {
    const [payload = '', signature = '', more] = token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(payload);
    if (more !== undefined || given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new ForbiddenError('This link is not ours; ask for a new one', 'attachment.link.invalid');
    const [entity_type, entity_id, file_id, version, user_id, expires] = payloadSchema.parse(
      JSON.parse(Buffer.from(payload, 'base64url').toString()),
    );
    const expires_at = new Date(expires);
    if (expires_at <= this.#now())
      throw new ForbiddenError('This link has expired; ask for a new one', 'attachment.link.expired');
    return { entity_type, entity_id, file_id, version, user_id, expires_at };
  }

  #sign(payload: string): Buffer {
    return createHmac('sha256', this.#secret).update(`attachment-link:${payload}`).digest();
  }
}
