import type { StatedField } from '@infratraq/audit';
import { findLostFields } from '@infratraq/audit/postgres';
import { repeat, type Defer } from '@infratraq/kernel';
import type { Platform } from '../platform/platform.js';

/** Warns once of each declared column that is not there: renamed unseen, its values are masked no longer. */
export function watchLostFields(
  fields: { list(): Promise<readonly StatedField[]> },
  { postgres, log, onError }: Pick<Platform, 'postgres' | 'log' | 'onError'>,
  defer: Defer,
): void {
  const known = new Set<string>();
  const watch = repeat(
    async () => {
      const lost = await findLostFields(postgres, await fields.list());
      const columns = lost.map(({ table_name, column_name }) => `${table_name}.${column_name}`);
      const found = columns.filter((column) => !known.has(column));
      for (const column of found) known.add(column);
      if (found.length > 0)
        log.warn(
          { columns: found },
          'columns that are declared sensitive are not there; declare those that were renamed by their new names',
        );
    },
    {
      everyMilliseconds: 60_000,
      atOnce: true,
      onError: (error) => onError(error, 'looking for sensitive columns that are gone'),
    },
  );
  defer(() => watch.stop());
}
