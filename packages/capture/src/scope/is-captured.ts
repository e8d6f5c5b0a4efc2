import { InvalidInputError } from '@infratraq/kernel';

const jobQueueSchema = 'pgboss';
const ownSchema = 'infratraq';
const ownBookkeeping = '^(capture_|schema_migration|audit_seal|notification_|mailbox_position)';

/**
 * The one rule about what is not captured: this product's own bookkeeping, whose changes say nothing about the
 * business. In schema `infratraq` that is every table named `capture_…`, `schema_migration…`, `audit_seal…` (sealing
 * what seals change would never end), `notification_…` or `mailbox_position`; besides it the job queue's schema `pgboss`.
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
  when n.nspname = '${ownSchema}' and c.relname ~ '${ownBookkeeping}' then 'is bookkeeping of capture, seals, notifications, mailboxes and migrations'
end`;

/** Names of what capture keeps in PostgreSQL. */
export interface CaptureNames {
  /** Unique in the whole PostgreSQL server, not only in its database. */
  slot: string;
  publication: string;
}

export const defaultCaptureNames: CaptureNames = {
  slot: 'infratraq_capture',
  publication: 'infratraq_changes',
};

/**
 * The slot for the database of a PostgreSQL URL: slots belong to the whole server, and each of several databases may
 * have a document store of its own.
 */
export function captureSlotOf(postgresUrl: string): string {
  const database = new URL(postgresUrl).pathname
    .slice(1)
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_');
  return `infratraq_${database}`.slice(0, 63);
}

/** Fills in the default names and refuses those that PostgreSQL would not take as they are. */
export function resolveCaptureNames(names: Partial<CaptureNames> = {}): CaptureNames {
  const { slot = defaultCaptureNames.slot, publication = defaultCaptureNames.publication } = names;
  for (const name of [slot, publication]) {
    if (!/^[a-z0-9_]{1,63}$/.test(name)) {
      throw new InvalidInputError(`${name} can't name a slot or publication: use a-z, 0-9 and _, at most 63`);
    }
  }
  return { slot, publication };
}
