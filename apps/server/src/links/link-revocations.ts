import type { EntityReference } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';
import { createHash } from 'node:crypto';

/** A link as its token tells. */
export interface SignedLink {
  readonly token: string;
  /** For whom it was made. */
  readonly user_id: string;
  readonly issued_at: Date;
  readonly file?: FileOfLinks | undefined;
}

/** A file whose links are meant. */
export interface FileOfLinks extends EntityReference {
  readonly file_id: string;
}

/** What may be revoked. */
export type Revoked =
  { readonly token: string } | { readonly user_id: string } | { readonly file: FileOfLinks };

/** Links that were revoked before they expired: one by one, by file, or by person. */
export class LinkRevocations {
  readonly #pool: Postgres['pool'];

  constructor({ pool }: Pick<Postgres, 'pool'>) {
    this.#pool = pool;
  }

  /** Revokes what was made until now; links that are made later work. */
  async revoke(revoked: Revoked, by: string): Promise<void> {
    // The clock that made the links is this one, not the database's.
    await this.#pool.query(
      `insert into infratraq.revoked_links (subject, revoked_at, revoked_by) values ($1, $2, $3)
       on conflict (subject) do update set revoked_at = greatest(revoked_links.revoked_at, excluded.revoked_at),
         revoked_by = excluded.revoked_by`,
      [subjectOf(revoked), new Date(), by],
    );
  }

  async isRevoked({ token, user_id, issued_at, file }: SignedLink): Promise<boolean> {
    const subjects = [subjectOf({ token }), subjectOf({ user_id }), ...(file ? [subjectOf({ file })] : [])];
    const { rowCount } = await this.#pool.query(
      'select from infratraq.revoked_links where subject = any($1) and revoked_at >= $2 limit 1',
      [subjects, issued_at],
    );
    return rowCount !== 0;
  }
}

function subjectOf(revoked: Revoked): string {
  if ('token' in revoked) return `link:${createHash('sha256').update(revoked.token).digest('base64url')}`;
  if ('user_id' in revoked) return `person:${revoked.user_id}`;
  const { entity_type, entity_id, file_id } = revoked.file;
  return `file:${JSON.stringify([entity_type, entity_id, file_id])}`;
}
