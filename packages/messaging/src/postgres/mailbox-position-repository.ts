import type { Postgres } from '@infratraq/postgres';
import type { MailboxPosition, MailboxPositions } from '../email/mailbox/mailbox-positions.js';

/** Binds the positions of mailboxes to a connection; several processes may move one. */
export function createMailboxPositionRepository({ pool }: Pick<Postgres, 'pool'>): MailboxPositions {
  return {
    async read(mailbox) {
      const { rows } = await pool.query<MailboxPosition>(
        'select uid_validity, last_uid::float8 as last_uid from infratraq.mailbox_position where mailbox = $1',
        [mailbox],
      );
      return rows[0];
    },
    async write(mailbox, { uid_validity, last_uid }) {
      await pool.query(
        `insert into infratraq.mailbox_position as known (mailbox, uid_validity, last_uid) values ($1, $2, $3)
         on conflict (mailbox) do update set
           last_uid = case when known.uid_validity = excluded.uid_validity
             then greatest(known.last_uid, excluded.last_uid) else excluded.last_uid end,
           uid_validity = excluded.uid_validity,
           moved_at = now()`,
        [mailbox, uid_validity, last_uid],
      );
    },
  };
}
