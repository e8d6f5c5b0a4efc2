import { InvalidInputError } from '@infratraq/kernel';

const jobQueueSchema = 'pgboss';
const ownSchema = 'infratraq';
const ownBookkeeping = '^(capture_|schema_migration)';

/**
 * The one rule about what is not captured: this product's own bookkeeping, whose changes say nothing about the
 * business. In schema `infratraq` that is every table named `capture_…` or `schema_migration…`; besides it the
 * job queue's schema `pgboss`. Everything else in the database is captured.
 */
export function isCaptured(schema: string, table: string): boolean {
  if (schema === jobQueueSchema) return false;
  return !(schema === ownSchema && new RegExp(ownBookkeeping).test(table));
}

/** The same rule in SQL, over `pg_class c` and `pg_namespace n`; leaves PostgreSQL's own tables out, too. */
export const isCapturedSql = `(
  n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${jobQueueSchema}')
  and not (n.nspname = '${ownSchema}' and c.relname ~ '${ownBookkeeping}'))`;

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
