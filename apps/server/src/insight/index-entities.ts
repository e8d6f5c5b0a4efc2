import { SearchIndexCache } from '@infratraq/caches';
import { RejectedChangeError, type Change, type ChangeConsumer, type RowValue } from '@infratraq/capture';
import { acceptDuplicates, trusted } from '@infratraq/mongo';
import { nameColumn, type ListHidden } from '../audit/hidden-columns.js';
import { reindexTable, type Reindexing } from './reindex-table.js';
import { describeRow, listShownColumns, type SearchableTable } from './searchable-tables.js';

/** Whose rows say which columns are sensitive. */
const declarations = 'infratraq.sensitive_fields';

/**
 * Keeps instant search in step with the rows of the declared tables. It is given no values of sensitive columns
 * (`withholdSensitive`), and indexes a table anew once one of its columns is declared or withdrawn, or
 * changes of it were missed.
 */
export function indexEntities(
  { models, pool, scopesOf }: Reindexing,
  tables: readonly SearchableTable[],
  listHidden: ListHidden,
): ChangeConsumer {
  const byType = new Map(tables.map((table) => [table.entityType, table]));
  return {
    name: 'search-index',
    entityTypes: [...byType.keys(), declarations],
    handle: async (changes) => {
      const hidden = await listHidden();
      const isHidden = ({ entityType }: SearchableTable, column: string) =>
        hidden.has(nameColumn(entityType, column));
      const reread = new Set<SearchableTable>();
      const truncations = new Map<string, Change>();
      // Of each row only the last change counts; what came before a TRUNCATE or DROP is gone with it.
      const last = new Map<string, RowChange>();
      for (const change of changes) {
        if (change.entity_type === declarations) {
          const table = byType.get(String((change.new_value ?? change.old_value)?.['table_name']));
          if (table !== undefined) reread.add(table);
          continue;
        }
        if (change.operation === 'GAP') {
          // Rows may have changed or gone unseen.
          for (const table of tables)
            if (['*', table.entityType].includes(change.entity_type)) reread.add(table);
          continue;
        }
        const table = byType.get(change.entity_type);
        if (table !== undefined && isRearranged(change, table)) {
          reread.add(table);
          continue;
        }
        if (table === undefined || isHidden(table, table.title)) continue;
        if (change.operation === 'TRUNCATE' || change.operation === 'DROP') {
          truncations.set(change.entity_type, change);
          for (const [key, row] of last) if (row.table === table) last.delete(key);
        } else for (const row of listRows(change, table)) last.set(`${table.entityType} ${row.id}`, row);
      }
      const search = models.of(SearchIndexCache);
      for (const { entity_type, _id } of truncations.values())
        await search.deleteMany({ entity_type, ...olderThan(_id) });
      const rows = [...last.values()];
      const scopes = await scopesOf(
        rows.map(({ table, id }) => ({ entity_type: table.entityType, entity_id: id })),
      );
      const writes = rows.map((row, place) => describeWrite(row, scopes[place] ?? []));
      // An entry that reflects a later change is not found by the filter, and its key refuses a second one.
      if (writes.length > 0) await search.bulkWrite(writes, { ordered: false }).catch(acceptDuplicates);
      for (const table of reread)
        await reindexTable({ models, pool, scopesOf }, table, (column) => isHidden(table, column));
    },
  };
}

/** Whether the name stands for other rows from here on, or columns that are shown have gone or come under other names. */
function isRearranged({ operation, new_value }: Change, table: SearchableTable): boolean {
  if (operation === 'RENAME') return true;
  if (operation !== 'ALTER') return false;
  const columns = (new_value?.['columns'] ?? []) as readonly {
    name: string;
    was?: string;
    added?: boolean;
  }[];
  const kept = columns.filter(({ was, added }) => was === undefined && !added).map(({ name }) => name);
  return listShownColumns(table).some((column) => !kept.includes(column));
}

/** What a change means for one row; without values it is gone. */
interface RowChange {
  readonly table: SearchableTable;
  readonly change: Change;
  readonly id: string;
  readonly values: RowValue | undefined;
}

function listRows(change: Change, table: SearchableTable): RowChange[] {
  const { entity_id, old_value, new_value } = change;
  if (new_value === null) {
    // A table without a key is announced before its rows are read.
    return change.operation === 'DELETE' ? [{ table, change, id: entity_id, values: undefined }] : [];
  }
  const id = String(new_value[table.key] ?? entity_id);
  const row = { table, change, id, values: { ...old_value, ...new_value } };
  // A change of the key ends one row and begins another.
  return id === entity_id ? [row] : [{ table, change, id: entity_id, values: undefined }, row];
}

function describeWrite({ table, change, id: entity_id, values }: RowChange, scopes: readonly string[]) {
  const { _id, entity_type, changed_at } = change;
  const filter = { entity_type, entity_id, ...olderThan(_id) };
  if (values === undefined) return { deleteOne: { filter } };
  const described = describeRow(table, values);
  if (described === undefined)
    throw new RejectedChangeError(`${entity_type} ${entity_id} has no text in its column ${table.title}`);
  const entry = { ...described, scopes: [...scopes], source_lsn: _id, changed_at, indexed_at: new Date() };
  return { updateOne: { filter, update: { $set: entry }, upsert: true } };
}

/** Changes may come again after later ones: those never overwrite. Ids sort as the changes were committed. */
function olderThan(changeId: string) {
  return {
    $or: trusted([{ source_lsn: trusted({ $lt: changeId }) }, { source_lsn: trusted({ $exists: false }) }]),
  };
}
