import type { Postgres } from '@infratraq/postgres';
import type { MailComplaint, MailComplaints } from '../complaints/mail-complaints.js';

type Row = Omit<MailComplaint, 'reported_by'> & { readonly reported_by: string | null };

/** Binds the repository of complaints about mail to a connection. */
export function createMailComplaintRepository({ pool }: Pick<Postgres, 'pool'>): MailComplaints {
  return {
    async record(complaint) {
      const { user_id, address_sha256, type, complained_at, feedback_type, provider_message_id } = complaint;
      await pool.query(
        `insert into infratraq.mail_complaints as known
           (user_id, address_sha256, type, complained_at, feedback_type, reported_by, provider_message_id)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id, address_sha256, type) do update set
           complained_at = excluded.complained_at, feedback_type = excluded.feedback_type,
           reported_by = excluded.reported_by, provider_message_id = excluded.provider_message_id,
           lifted_at = null, lifted_by = null
         where known.lifted_at < excluded.complained_at`,
        [
          user_id,
          address_sha256,
          type,
          complained_at,
          feedback_type,
          complaint.reported_by ?? null,
          provider_message_id,
        ],
      );
    },
    async listOpen(userIds) {
      const { rows } = await pool.query<Row>(
        `select user_id, type, address_sha256, complained_at, feedback_type, reported_by, provider_message_id
         from infratraq.mail_complaints where user_id = any($1) and lifted_at is null order by user_id, type`,
        [userIds],
      );
      return rows.map(({ reported_by, ...row }) => ({
        ...row,
        ...(reported_by !== null && { reported_by }),
      }));
    },
    async lift({ user_id, type, lifted_by, at }) {
      const { rowCount } = await pool.query(
        `update infratraq.mail_complaints set lifted_at = $4, lifted_by = $3
         where user_id = $1 and type = $2 and lifted_at is null and complained_at <= $4`,
        [user_id, type, lifted_by, at],
      );
      return (rowCount ?? 0) > 0;
    },
  };
}
