import { InvalidInputError } from '@infratraq/kernel';
import type { Postgres } from '@infratraq/postgres';

/** The replication slot and publication of capture in PostgreSQL. */
export interface CaptureNames {
  /**
   * Unique in the whole PostgreSQL server, not only in its database.
   *
   * @default infratraq_<database>
   */
  slot: string;
  /** @default infratraq_changes */
  publication: string;
}

/**
 * The default slot of a database. Slots belong to the whole server, and each of its databases may have a document
 * store of its own.
 */
export function captureSlotOf(postgresUrl: string): string {
  return nameSlot(new URL(postgresUrl).pathname.slice(1));
}

function nameSlot(database: string): string {
  const name = database.toLowerCase().replace(/[^a-z0-9_]/g, '_');
  return `infratraq_${name || 'capture'}`.slice(0, 63);
}

/**
 * Fills in the default names.
 * @throws InvalidInputError for a name that PostgreSQL would not take as it is
 */
export function resolveCaptureNames(
  { connection }: Pick<Postgres, 'connection'>,
  names: Partial<CaptureNames> = {},
): CaptureNames {
  const { connectionString: url, database = '' } = connection;
  const { slot = url === undefined ? nameSlot(database) : captureSlotOf(url) } = names;
  const { publication = 'infratraq_changes' } = names;
  for (const name of [slot, publication]) {
    if (!/^[a-z0-9_]{1,63}$/.test(name))
      throw new InvalidInputError(`${name} can't name a slot or publication: use a-z, 0-9 and _, at most 63`);
  }
  return { slot, publication };
}
