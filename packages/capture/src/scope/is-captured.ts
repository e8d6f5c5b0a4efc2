export const jobQueueSchema = 'pgboss';
const ownSchema = 'infratraq';
const ownBookkeeping =
  '^(capture_|schema_migration|audit_seal|notification_|mailbox_position|scope_restamping)';

/**
 * The one rule about what is not captured: this product's own bookkeeping, whose changes say nothing about the
 * business. In schema `infratraq` that is every table named `capture_…`, `schema_migration…`, `audit_seal…` (sealing
 * what seals change would never end), `notification_…`, `mailbox_position` or
 * `scope_restamping`; besides it the job queue's schema `pgboss`.
 * Everything else is captured.
 */
export function isCaptured(schema: string, table: string): boolean {
  if (schema === jobQueueSchema) return false;
  return !(schema === ownSchema && new RegExp(ownBookkeeping).test(table));
}

/** The same rule in SQL, over `pg_class c` and `pg_namespace n`; leaves PostgreSQL's own tables out, too. */
export const isCapturedSql = `(
  n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${jobQueueSchema}')
  and not (n.nspname = '${ownSchema}' and c.relname ~ '${ownBookkeeping}'))`;

/** Why a table is left out of capture, in SQL over the same; null where it is not. */
export const exclusionSql = `case
  when n.nspname = '${jobQueueSchema}' then 'is bookkeeping of the job queue'
  when n.nspname = '${ownSchema}' and c.relname ~ '${ownBookkeeping}' then 'is bookkeeping of capture, seals, notifications, mailboxes, scopes and migrations'
end`;
